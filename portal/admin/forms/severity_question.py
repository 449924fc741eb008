"""The form of the question that customers answer instead of choosing a severity level."""

from typing import Any

from flask_babel import lazy_gettext as _l

from portal.cases.actions.severity_question import MAX_ANSWERS, ScaleAnswer
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import choice_field, line_field

QUESTIONS = (
    ("levels", _l("The severity levels")),
    ("impact", _l("A scale of your own, mapped to the levels")),
    ("none", _l("Nothing: the request type decides")),
)


class SeverityQuestionForm(VersionedForm):
    """The question to customers, and up to five answers of an own scale; empty rows are left out."""

    kind = choice_field(_l("What customers are asked"), choices=QUESTIONS, default="levels")
    question = line_field(_l("The question"), limit=200)
    name_1 = line_field(_l("Answer"), limit=60)
    description_1 = line_field(_l("When to choose it"), limit=300)
    rank_1 = choice_field(_l("Means"))
    name_2 = line_field(_l("Answer"), limit=60)
    description_2 = line_field(_l("When to choose it"), limit=300)
    rank_2 = choice_field(_l("Means"))
    name_3 = line_field(_l("Answer"), limit=60)
    description_3 = line_field(_l("When to choose it"), limit=300)
    rank_3 = choice_field(_l("Means"))
    name_4 = line_field(_l("Answer"), limit=60)
    description_4 = line_field(_l("When to choose it"), limit=300)
    rank_4 = choice_field(_l("Means"))
    name_5 = line_field(_l("Answer"), limit=60)
    description_5 = line_field(_l("When to choose it"), limit=300)
    rank_5 = choice_field(_l("Means"))

    def rows(self) -> list[tuple[Any, Any, Any]]:
        """The fields of each answer: name, sentence, level."""
        numbers = range(1, MAX_ANSWERS + 1)
        return [(self[f"name_{n}"], self[f"description_{n}"], self[f"rank_{n}"]) for n in numbers]

    def answers(self) -> list[ScaleAnswer]:
        """The answers that have a name, in the order of the form, the worst first."""
        return [
            ScaleAnswer(name.data, int(rank.data) if (rank.data or "").isdecimal() else 0, sentence.data or "")
            for name, sentence, rank in self.rows()
            if name.data
        ]
