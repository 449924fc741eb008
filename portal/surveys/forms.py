"""A form of a provider's questions, made for the version that a survey was asked with."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField
from wtforms.validators import StopValidation

from portal.surveys.models import SurveyQuestions
from portal.web.forms import Form, body

WORDS = (_l("Very bad"), _l("Bad"), _l("OK"), _l("Good"), _l("Very good"))
LONGEST = 5000


class StarsField(IntegerField):
    """A whole number from 1 to 5; anything else is no answer."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = stars(valuelist[0] if valuelist else None)

    def process_data(self, value: Any) -> None:
        self.data = stars(value)


def stars(value: Any) -> int | None:
    """*value* as a rating, or None if it is none."""
    text = str(value or "")
    return int(text) if text in ("1", "2", "3", "4", "5") else None


def _chosen(_form: Any, field: Any) -> None:
    if field.data is None:
        raise StopValidation(_("Choose one to five stars"))


def form_for(questions: SurveyQuestions, preselected: object = None) -> Form:
    """The form of *questions*; *preselected* is the score that a link in the mail named."""
    fields: dict[str, Any] = {}
    for question in questions.questions:
        label, needed = _(question["text"]), bool(question.get("required"))
        if question["kind"] == "stars":
            fields[question["name"]] = StarsField(label, validators=[_chosen] if needed else [])
        else:
            need = _("Write a few words") if needed else None
            fields[question["name"]] = body(label, name=_("answer"), need=need, limit=LONGEST)
    first = next((q["name"] for q in questions.questions if q["kind"] == "stars"), None)
    made: Form = type("SurveyForm", (Form,), fields)(data={first: preselected} if first else None)
    return made


def answers_of(form: Form, questions: SurveyQuestions) -> Mapping[str, Any]:
    """What was answered, by the questions' names."""
    return {question["name"]: form[question["name"]].data for question in questions.questions}
