"""A form of a provider's questions, made for the version that a survey was asked with."""

from collections.abc import Mapping
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, ValidationError
from wtforms.validators import StopValidation

from portal.surveys.engine import questions as question_rules
from portal.surveys.models import SurveyQuestions
from portal.web.current import ctx
from portal.web.forms import Form, choice_field, line_field, text_field

WORDS = (_l("Very bad"), _l("Bad"), _l("OK"), _l("Good"), _l("Very good"))
LONGEST = 5000


class StarsField(IntegerField):
    """A whole number from 1 to 5; anything else counts as not answered."""

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


def languages() -> tuple[str, str]:
    """The language of this page, and the provider's own, which every question has."""
    return str(get_locale() or "en"), str(ctx().provider.locale)


def form_for(questions: SurveyQuestions, preselected: object = None) -> Form:
    """The form of *questions* in the reader's language; *preselected* is the score of a link in a mail."""
    fields = {question["name"]: _field(question) for question in questions.questions}
    first = next((q["name"] for q in questions.questions if q["kind"] == "stars"), None)
    made: Form = type("SurveyForm", (Form,), fields)(data={first: preselected} if first else None)
    return made


def _field(question: Mapping[str, Any]) -> Any:
    label, needed = question_rules.wording(question["text"], *languages()), bool(question.get("required"))
    if question["kind"] == "stars":
        return StarsField(label, validators=[_chosen] if needed else [])
    if question["kind"] == "text":
        need = _("Write a few words") if needed else None
        return text_field(label, need=need, limit=LONGEST)
    if question["kind"] == "yes_no":
        offered = [(question_rules.YES, _("Yes")), (question_rules.NO, _("No"))]
    else:
        offered = [(one["key"], question_rules.wording(one["text"], *languages())) for one in question["choices"]]
    # The answer '' stands for an optional question without an answer.
    unasked = [] if needed else [("", "")]
    return choice_field(label, choices=offered + unasked, wrong=_("Choose one of the answers"), default="")


def offered(form: Form, question: Mapping[str, Any]) -> list[dict[str, str]]:
    """The answers of a yes-or-no or choice question, for the radios."""
    return [{"value": value, "label": label} for value, label, *_rest in form[question["name"]].iter_choices() if value]


def answers_of(form: Form, questions: SurveyQuestions) -> Mapping[str, Any]:
    """The answers by the names of their questions."""
    return {question["name"]: form[question["name"]].data for question in questions.questions}


class CallForm(Form):
    """After a low answer: whether a call is wanted, and the number."""

    wanted = choice_field(_l("Do you want us to call you?"), choices=[("yes", _l("Yes, call me")), ("no", _l("No"))])
    phone = line_field(_l("Phone number"), limit=50)

    def validate_phone(self, field: Any) -> None:
        """At least five digits, where a call is wanted."""
        if self.wanted.data == "yes" and sum(c.isdigit() for c in field.data or "") < 5:
            raise ValidationError(_("Write the phone number with at least 5 digits"))
