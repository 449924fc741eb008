"""Every code that a rule raises has a sentence, in every language that the product speaks."""

import pytest
from flask_babel import force_locale

from portal.kernel.errors import RuleProblem
from tests.architecture.source import modules
from tests.language import pseudo
from tests.language.fault_codes import faults

# Stands where a sentence quotes what was written; no Latin letter, so that it is no English either.
QUOTED = "ωωω"


FAULTS = list(faults())


def sentence(wording, code):
    return wording.problem_sentence(RuleProblem(code, written=QUOTED, limit=7))


@pytest.mark.parametrize(
    ("wording", "code"), FAULTS, ids=lambda part: part.__name__ if hasattr(part, "__name__") else part.name
)
def test_a_code_has_a_sentence_in_every_language(wording, code, app):
    with app.test_request_context("/"):
        with force_locale("en"):
            english = sentence(wording, code)
        with force_locale("pl"):
            polish = sentence(wording, code)
    assert len(english.split()) > 2
    assert polish != english
    assert (QUOTED in polish, "7" in polish) == (QUOTED in english, "7" in english)


@pytest.mark.parametrize(
    ("wording", "code"), FAULTS, ids=lambda part: part.__name__ if hasattr(part, "__name__") else part.name
)
def test_a_sentence_is_whole_in_the_catalog(wording, code, app, pseudo_language):
    with app.test_request_context("/"):
        assert not pseudo.Data([]).english_in(sentence(wording, code))


def test_no_two_codes_share_a_sentence_or_a_name(app):
    """A dictionary of codes of two kinds would mix up what has the same value."""
    with app.test_request_context("/"):
        said = [sentence(wording, code) for wording, code in FAULTS]
    assert len(said) == len(set(said)) == len({(wording, str(code)) for wording, code in FAULTS})


def test_every_code_is_raised():
    """A code that no rule raises any more is dead, and so are its words."""
    engines = "\n".join(m.path.read_text() for m in modules() if m.part == "engine")
    assert not [str(code) for _wording, code in FAULTS if f"{type(code).__name__}.{code.name}" not in engines]
    assert len(FAULTS) > 20
