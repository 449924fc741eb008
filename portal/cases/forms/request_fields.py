"""The own fields of a request type as fields of a form.

They carry no validators: which of them are asked depends on the answers before them, so that the rules of
`engine.request_answers` judge them together (`pages.request_fields`)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from flask_wtf.file import MultipleFileField
from wtforms import SelectMultipleField, StringField, TextAreaField

from portal.cases.actions.request_fields import PREFIX
from portal.cases.engine import request_fields as engine
from portal.cases.engine.request_fields import RequestField
from portal.kernel.text import clean_line
from portal.web.forms import ChoiceField, Form, flag_field

F = TypeVar("F", bound=Form)


def _plain(value: Any) -> str:
    return clean_line(str(value or ""))[:200]


def _line(label: str) -> Any:
    return StringField(label)


def _choice(label: str) -> Any:
    return ChoiceField(label, choices=[], coerce=_plain, validate_choice=False)


def _several(label: str) -> Any:
    return SelectMultipleField(label, choices=[], coerce=_plain, validate_choice=False)


_MAKERS: Mapping[str, Callable[[str], Any]] = {
    engine.TEXT: _line,
    engine.NUMBER: _line,
    engine.PHONE: _line,
    engine.DATE: _line,
    engine.MOMENT: _line,
    engine.PARAGRAPH: TextAreaField,
    engine.CHOICE: _choice,
    engine.PERSON: _choice,
    engine.ENVIRONMENT: _choice,
    engine.CHOICES: _several,
    engine.FILE: MultipleFileField,
    engine.CONSENT: flag_field,
}


def with_own_fields(base: type[F], fields: Iterable[RequestField], languages: tuple[str, ...]) -> type[F]:
    """*base* with the own fields, labeled in the first of *languages* that they have. Without fields *base* itself."""
    made = {f"{PREFIX}{one.key}": _MAKERS[one.kind](engine.pick_text(one.label, *languages)) for one in fields}
    return type(base.__name__, (base,), made) if made else base
