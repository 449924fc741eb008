"""Forms: what comes from outside is cleaned, bounded and answered with a sentence; what was typed stays in the
field."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from gettext import NullTranslations, translation
from itertools import groupby
from typing import Any, ClassVar

from email_validator import EmailNotValidError, validate_email
from flask import request
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto
from markupsafe import escape
from werkzeug.datastructures import CombinedMultiDict, ImmutableMultiDict
from wtforms import (
    BooleanField,
    Field,
    FileField,
    HiddenField,
    IntegerField,
    MultipleFileField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields import SelectChoice
from wtforms.fields.choices import Choice
from wtforms.i18n import messages_path
from wtforms.validators import StopValidation
from wtforms.widgets import Select

from portal.kernel.errors import Refused
from portal.kernel.ids import parse_id
from portal.kernel.text import clean_line, clean_text
from portal.web.csrf import FormTokens

BODY_LIMIT = 50_000
LINE_LIMIT = 200


@lru_cache(maxsize=64)
def _wtforms_catalog(language: str) -> NullTranslations:
    return translation("wtforms", messages_path(), [language], fallback=True)


class Form(FlaskForm):
    """Base of every form. An old token is an error of the form, not a page that loses the text."""

    # Set where the object changed since the form was drawn: what the page says above the form (web.form_flow).
    conflict = ""
    # Where a draft of the form is kept, as seen from the address that it is sent to: "" for that address itself. None:
    # the form keeps no draft (web.drafts).
    draft_address: ClassVar[str | None] = None
    # Fields that each drawing of the form gets anew, whatever a draft says.
    drawn_anew: ClassVar[frozenset[str]] = frozenset({"csrf_token", "last", "once", "shown_at", "version", "was"})
    # The draft whose text the form shows, and one that it does not show (web.drafts.open_form).
    draft: Any = None
    draft_apart: Any = None
    # How many files of that draft are no longer kept.
    draft_lost_files = 0

    class Meta(FlaskForm.Meta):
        csrf_time_limit = None
        csrf_class = FormTokens

        def get_translations(self, form: Any) -> Any:
            """What WTForms says of itself ("Not a valid choice"), read from its catalog once a language."""
            return _wtforms_catalog(str(get_locale() or ""))

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What a browser sent: files only where the form asks for files; one in place of a text is nothing."""
            sent = super().wrap_formdata(form, formdata)
            if formdata is not _Auto or not isinstance(sent, CombinedMultiDict):
                return sent
            asked = {name for name, field in form._fields.items() if isinstance(field, (FileField, MultipleFileField))}
            files = [pair for pair in request.files.items(multi=True) if pair[0] in asked]
            return CombinedMultiDict((ImmutableMultiDict(files), request.form))

    @classmethod
    def takes_draft(cls, fields: Mapping[str, Sequence[str]]) -> bool:
        """Whether a draft with *fields* was written in this form, where several forms share an address."""
        return True

    def reject(self, refusal: Refused) -> None:
        """Show what an action refused: beside the field that it names, or above the form."""
        field = self._fields.get(refusal.field)
        if field is None:
            self.form_errors.append(refusal.message)
        else:
            field.errors = [*field.errors, refusal.message]


class PressForm(Form):
    """A button: nothing but the token, and the version of what it was pressed on."""

    version = HiddenField()
    once = HiddenField()


def _cleaner(clean: Callable[[str], str]) -> Callable[[Any], Any]:
    return lambda value: clean(value) if isinstance(value, str) else value


def required(message: Any) -> Callable[[Any, Field], None]:
    """The field must not be empty; *message* says what to do."""

    def check(_form: Any, field: Field) -> None:
        if not (field.data.strip() if isinstance(field.data, str) else field.data):
            raise StopValidation(str(message))

    return check


def required_without_files(message: Any) -> Callable[[Any, Field], None]:
    """The field must not be empty, unless the form brings a file: staged before, or with the form itself."""
    needed = required(message)

    def check(form: Any, field: Field) -> None:
        brought = [*request.form.getlist("staged"), *(f.filename for f in request.files.getlist("attachments"))]
        if not any(brought):
            needed(form, field)

    return check


def at_most(limit: int) -> Callable[[Any, Field], None]:
    """At most *limit* characters."""

    def check(_form: Any, field: Field) -> None:
        if field.data and len(field.data) > limit:
            raise StopValidation(
                _(
                    "Shorten “%(field)s” to %(limit)d characters (now %(now)d)",
                    field=field.label.text,
                    limit=limit,
                    now=len(field.data),
                )
            )

    return check


def at_least(limit: int, message: Any) -> Callable[[Any, Field], None]:
    """At least *limit* characters, where there are any."""

    def check(_form: Any, field: Field) -> None:
        if field.data and len(field.data) < limit:
            raise StopValidation(str(message))

    return check


def line_field(label: Any, *, need: Any = None, limit: int = LINE_LIMIT, **kwargs: Any) -> StringField:
    """A one-line field: cleaned of what deceives, bounded; *need* is the sentence when it is empty."""
    checks = ([required(need)] if need else []) + [at_most(limit)] + list(kwargs.pop("checks", ()))
    return StringField(label, filters=[_cleaner(clean_line)], validators=checks, **kwargs)


def text_field(label: Any, *, need: Any = None, limit: int = BODY_LIMIT, **kwargs: Any) -> TextAreaField:
    """A field of many lines: control characters removed, bounded."""
    checks = ([required(need)] if need else []) + [at_most(limit)] + list(kwargs.pop("checks", ()))
    return TextAreaField(label, filters=[_cleaner(clean_text)], validators=checks, **kwargs)


class OptionList(Select):
    """A select that formats each option at once; WTForms makes fifty calls for one, and lists have hundreds."""

    @classmethod
    def render_option(cls, choice: Any, **kwargs: Any) -> str:
        if choice.render_kw or kwargs:
            return super().render_option(choice, **kwargs)
        selected = " selected" if choice.selected else ""
        return f'<option{selected} value="{escape(choice.value)}">{escape(choice.label or choice.value)}</option>'


class ChoiceField(SelectField):
    """A select whose choices are ours and clean."""

    widget = OptionList()

    def iter_choices(self) -> list[Choice]:
        return [self._mark(choice) for choice in self._choices_from_input(self.choices) or ()]

    def iter_groups(self) -> Iterator[tuple[str | None, list[Choice]]]:
        for group, choices in groupby(self._choices_from_input(self.choices) or (), key=lambda choice: choice.optgroup):
            yield group, [self._mark(choice) for choice in choices]

    def _mark(self, choice: SelectChoice) -> Choice:
        """*choice* with whether it is selected. Only what was sent needs cleaning."""
        value = "" if choice.value is None else str(choice.value)
        return Choice(choice.value, choice.label, value == self.data, choice.render_kw)


def choice_field(
    label: Any, *, choices: Iterable[Any] = (), wrong: Any = None, need: Any = None, **kwargs: Any
) -> ChoiceField:
    """One of *choices* (set again at run time); *wrong* is the sentence for any other value."""

    class OneOf(ChoiceField):
        data: str | None

        def pre_validate(self, form: Any) -> None:
            self.data = self.data or ""  # a field that was not sent is one left empty
            if not any(self.data == choice.value for choice in self.iter_choices()):
                raise ValidationError(str(wrong or _l("Choose one of the answers shown")))

    checks = [required(need)] if need else []
    offered = [SelectChoice(*pair) if isinstance(pair, tuple) else pair for pair in choices]
    return OneOf(label, choices=offered, coerce=_plain, validators=checks, **kwargs)


def _plain(value: Any) -> str:
    return "" if value is None else clean_line(str(value))[:200]


class MultipleChoiceField(SelectMultipleField):
    """Any number of the choices, which are set at run time."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label, choices=[], validate_choice=False, **kwargs)

    def pre_validate(self, form: Any) -> None:
        known = {value for value, *_rest in self.choices or []}
        if any(value not in known for value in self.data or []):
            raise ValidationError(_("Choose from the list"))


class TickedIdsField(SelectMultipleField):
    """Any number of ids that were ticked. What they may be is decided by whoever loads the rows."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label, choices=[], validate_choice=False, **kwargs)

    def ids(self) -> list[uuid.UUID]:
        """What was ticked and is an id."""
        return [found for value in self.data or [] if (found := parse_id(value)) is not None]


def flag_field(label: Any, **kwargs: Any) -> BooleanField:
    """A check box."""
    return BooleanField(label, **kwargs)


class Number(IntegerField):
    """A whole number from *low* to *high*; empty is None where *optional*."""

    def __init__(self, label: Any, *, low: int, high: int, optional: bool = False, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.low, self.high, self.optional = low, high, optional

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = (valuelist[0] if valuelist else "").strip()
        self.data = None
        if not typed and self.optional:
            return
        if not (typed.isascii() and typed.isdecimal() and len(typed) < 10):
            raise ValueError(self._sentence())
        self.data = int(typed)

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and not self.low <= self.data <= self.high:
            raise ValidationError(self._sentence())

    def _sentence(self) -> str:
        return _("Write a whole number from %(low)d to %(high)d", low=self.low, high=self.high)


def parse_email(value: str) -> str:
    """*value* as an address in its normal form. Raises Refused with the sentence of ux.md 5.4; never looks up DNS."""
    try:
        return validate_email(clean_line(value)[:320], check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        shown = clean_line(value)[:80]
        raise Refused(
            _("“%(value)s” is not a full email address. Write it like name@company.com", value=shown)
        ) from None


def is_email(_form: Any, field: Field) -> None:
    """Validator: an address, or empty."""
    if field.data:
        try:
            field.data = parse_email(field.data)
        except Refused as refusal:
            raise StopValidation(refusal.message) from None


def parse_email_list(value: str, limit: int = 20) -> list[str]:
    """The addresses of a comma, semicolon or space separated list, each once. Raises Refused for the first bad one."""
    found: list[str] = []
    for part in value.replace(";", ",").replace(" ", ",").replace("\n", ",").split(","):
        if part.strip():
            address = parse_email(part)
            if address.casefold() not in (f.casefold() for f in found):
                found.append(address)
    if len(found) > limit:
        raise Refused(_("You can put %(limit)d people in copy at a time", limit=limit))
    return found
