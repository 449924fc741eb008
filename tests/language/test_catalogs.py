"""The files in translations/ say what the code says, whole and with the same places to fill in."""

import re
from functools import cache

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from portal import messages
from portal.web import catalogs

STALE = "run `make messages`, translate what is new, and commit translations/"
FILLED = re.compile(r"%\((\w+)\)[a-z]|\{(\w+)\}")
# Pages, forms and words that only staff meet. Everything else is the customer's, and complete in the languages below.
STAFF_ONLY = re.compile(
    r"templates/(admin|desk)/|templates/(search|\w+)/(desk|admin)\w*\.html|templates/layouts/_shortcuts"
    r"|portal/admin/|portal/\w+/routes/(desk|admin)\w*|portal/\w+/(desk|admin)_\w+\.py"
    r"|portal/cases/actions/(bulk|linking)\.py"
    r"|templates/surveys/(admin|desk)/|portal/surveys/(labels|engine/questions|routes/(plan|questions|results|follow_ups|blueprint))\.py"
    r"|portal/surveys/(actions|forms)/(plan|questions|follow_ups)\.py"
)
COMPLETE_FOR_CUSTOMERS = ("pl",)
# Polish would have to bend the name to address somebody; its greeting leaves it out.
LEFT_OUT = {"How can we help, %(name)s?": {"name"}}


@cache
def code() -> Catalog:
    return messages.collect_messages()


@cache
def catalog(language: str) -> Catalog:
    with messages.catalog_path(language).open("rb") as text:
        return read_po(text, locale=language)


def words(language: str) -> list:
    return [message for message in catalog(language) if message.id]


def versions(message) -> list[tuple[str, str]]:
    """(English, translation) of each form of *message*; in a plural the first form is that of one."""
    if isinstance(message.id, str):
        return [(message.id, message.string)]
    one, many = message.id
    return [(one if n == 0 else many, form) for n, form in enumerate(message.string)]


def filled(text: str) -> set[str]:
    return {a or b for a, b in FILLED.findall(text)}


def test_the_template_lists_what_the_code_says():
    assert messages.TEMPLATE.read_text() == messages.template_text(code()), STALE


@pytest.mark.parametrize("language", catalogs.catalog_languages())
def test_a_catalog_lists_what_the_code_says(language):
    assert messages.catalog_path(language).read_text() == messages.language_text(code(), language), STALE


def test_files_carry_no_date_and_nobodys_folders():
    for path in (messages.TEMPLATE, *map(messages.catalog_path, catalogs.catalog_languages())):
        text = path.read_text()
        assert "Date" not in text.partition("\n\n")[0] and "/home/" not in text and str(messages.ROOT) not in text


@pytest.mark.parametrize("language", catalogs.catalog_languages())
def test_nothing_is_guessed(language):
    assert not [message.id for message in words(language) if message.fuzzy]


@pytest.mark.parametrize("language", catalogs.catalog_languages())
def test_a_translation_fills_in_the_same_things(language):
    wrong = []
    for message in words(language):
        for english, own in versions(message):
            # A plural may say "one" in words; nothing may be filled in that is not there.
            free = {"num"} if not isinstance(message.id, str) else LEFT_OUT.get(english, set())
            if own and filled(own) - free != filled(english) - free:
                wrong.append(f"{english!r}: {own!r}")
            if own and own.count("%%") != english.count("%%"):
                wrong.append(f"a percent sign is not doubled in {own!r}")
    assert not wrong, "\n".join(wrong)


def test_a_percent_sign_is_doubled_only_where_something_is_filled_in():
    """Python fills in nothing where nothing is given, and would show both signs."""
    shown = [m.id for m in code() if "%%" in m.id and not filled(str(m.id))]
    assert not [text for text in shown for m in code() if m.id == text and m.locations[0][0].endswith(".py")]


@pytest.mark.parametrize("language", catalogs.catalog_languages())
def test_a_translation_has_each_form_of_its_plurals(language):
    wrong = [
        message.id
        for message in words(language)
        if not isinstance(message.id, str)
        and any(message.string)
        and (len(message.string) != catalog(language).num_plurals or not all(message.string))
    ]
    assert not wrong


@pytest.mark.parametrize("language", catalogs.catalog_languages())
def test_a_translation_keeps_the_spaces_at_its_ends(language):
    """They join a message to what stands beside it."""

    def ends(text: str) -> tuple[bool, bool]:
        return text[:1].isspace(), text[-1:].isspace()

    pairs = [pair for message in words(language) for pair in versions(message)]
    assert not [own for english, own in pairs if own and ends(own) != ends(english)]


@pytest.mark.parametrize("language", COMPLETE_FOR_CUSTOMERS)
def test_a_customer_meets_no_english(language):
    places = {(m.id if isinstance(m.id, str) else m.id[0], m.context): [p for p, _ in m.locations] for m in code()}
    missing = []
    for message in words(language):
        key = (message.id if isinstance(message.id, str) else message.id[0], message.context)
        staffs = all(STAFF_ONLY.match(place) for place in places.get(key, []))
        if not staffs and not all(own for _english, own in versions(message)):
            missing.append(f"{message.id!r} ({', '.join(places.get(key, []))})")
    assert not missing, "\n".join([f"{language} lacks:", *missing])


def test_the_page_names_words_for_the_script():
    """app.js takes its sentences from the page: each that it asks for is there."""
    script = (messages.ROOT / "static" / "js" / "app.js").read_text()
    calls = re.findall(r"\bsay\(([^,)]*)", script) + re.findall(r'\bsetFile\(.*, ("\w+")\);', script)
    asked = {key for call in calls for key in re.findall(r'"(\w+)"', call)}
    page = (messages.ROOT / "templates" / "layouts" / "_browser_words.html").read_text()
    given = set(re.findall(r"'(\w+)': _\(", page))
    assert len(asked) > 15 and asked == given, asked ^ given


@pytest.mark.parametrize("word", messages.OBJECT_WORDS)
def test_an_object_word_has_each_sentence_that_names_a_case(word):
    path = catalogs.object_word_path("en", word)
    assert path.read_text() == messages.object_word_text(code(), word), STALE
    with path.open("rb") as text:
        worded = [message for message in read_po(text, locale="en") if message.id]
    assert len(worded) > 300
    for message in worded:
        for english, said in versions(message):
            assert said and filled(said) == filled(english) and not messages.names_case(said), said


@pytest.mark.parametrize("language", catalogs.catalog_languages())
def test_no_text_looks_like_markup(language):
    """Pages take the texts of catalogs for markup, so that a browser would swallow `<una@acme.example>`."""
    assert not [text for message in words(language) for pair in versions(message) for text in pair if "<" in text]
