"""The own fields of a request type on the form that opens a case, on a correction, and in the preview of the form."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from babel.lists import format_list
from flask_babel import get_locale
from flask_babel import gettext as _

from portal.attachments.form_files import collect_files_of, upload_rows
from portal.cases.actions.request_fields import PREFIX
from portal.cases.engine import request_answers
from portal.cases.engine import request_fields as engine
from portal.cases.engine.request_answers import Answer, FieldOffers
from portal.cases.engine.request_fields import RequestField
from portal.cases.models import Case
from portal.cases.queries.request_fields import find_offers
from portal.cases.refusals import answer_sentence
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.ids import parse_id
from portal.web.times import reader_locale, reader_zone

# A required choice among at most so many values is drawn as radio buttons.
RADIOS = 6


def languages(context: Context) -> tuple[str, str]:
    """The reader's language and the provider's own, which every label has."""
    return str(get_locale() or "en"), str(context.provider.locale)


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field as the template draws it: the control, the definition, its help and the sentence of its condition."""

    control: Any
    key: str
    kind: str
    help: str
    optional: bool
    radios: bool
    only_if: str
    # The key and the values of the field that shows this one, for the script; '' where it is always shown.
    source: str
    values: str
    staged: Sequence[Mapping[str, Any]] = ()


@dataclass(slots=True)
class OwnFields:
    """The own fields of one form that is filled in."""

    context: Context
    fields: tuple[RequestField, ...]
    form: Any
    files: dict[str, list[uuid.UUID]] = field(default_factory=dict)
    file_problems: dict[str, list[str]] = field(default_factory=dict)
    # Of a case whose answers are corrected: the case, and its answers.
    case: Case | None = None
    answered: Sequence[Answer] = ()

    def collect_files(self) -> None:
        """Stage the files that the form brings (`attachments.form_files`)."""
        for one in self.fields:
            if one.kind == engine.FILE:
                found, problems = collect_files_of(self.context, f"{PREFIX}{one.key}", engine.MOST_FILES)
                self.files[one.key], self.file_problems[one.key] = found, problems

    def take_files(self, fields: Mapping[str, Sequence[str]]) -> None:
        """The staged files that a draft with these *fields* claims; those that are gone are left out."""
        for one in self.fields:
            if one.kind == engine.FILE:
                named = fields.get(f"{PREFIX}{one.key}_staged", ())[: engine.MOST_FILES]
                self.files[one.key] = [found for value in named if (found := parse_id(value)) is not None]

    def fill_defaults(self) -> None:
        """What an empty form holds."""
        for one in self.fields:
            if one.default:
                self.control(one).data = one.default

    def fill_answers(self) -> None:
        """What the case was answered, as a form that corrects it holds it."""
        given = {one.key: one for one in self.answered}
        for one in self.fields:
            answer = given.get(one.key)
            if answer is None or answer.kind != one.kind or one.kind == engine.FILE:
                continue
            value: Any = answer.value
            if one.kind == engine.CONSENT:
                value = True
            elif one.kind == engine.MOMENT:
                value = parse_moment(str(value)).astimezone(reader_zone()).strftime("%Y-%m-%dT%H:%M")
            self.control(one).data = value

    def control(self, one: RequestField) -> Any:
        """The field of the form."""
        return self.form[f"{PREFIX}{one.key}"]

    def typed(self) -> dict[str, Sequence[str]]:
        """What the form holds, as texts by key."""
        found: dict[str, Sequence[str]] = {}
        for one in self.fields:
            data = self.control(one).data
            if one.kind == engine.FILE:
                found[one.key] = [str(file_id) for file_id in self.files.get(one.key, ())]
            elif one.kind == engine.CONSENT:
                found[one.key] = [engine.YES] if data else []
            elif isinstance(data, str):
                found[one.key] = [data]
            else:
                found[one.key] = list(data or ())
        return found

    def _offers(self, account_id: Id | None) -> FieldOffers:
        files = [str(one) for ids in self.files.values() for one in ids]
        return find_offers(
            self.context, self.fields, account_id, files=files, admitted_by=self.case, answered=self.answered
        )

    def check(self, account_id: Id | None, *, enforce: bool) -> bool:
        """Put an error on every field whose answer is not accepted; returns whether there was none."""
        if not self.fields:
            return True
        reading = request_answers.read_answers(self.fields, self.typed(), self._offers(account_id), enforce=enforce)
        for one in self.fields:
            found = [*self.file_problems.get(one.key, ())] if one.key in reading.shown else []
            if one.key in reading.problems:
                label = engine.pick_text(one.label, *languages(self.context))
                found.append(answer_sentence(reading.problems[one.key], label))
            if found:
                self.control(one).errors = [*self.control(one).errors, *found]
        return not reading.problems and not any(self.file_problems.values())

    def shown(self, account_id: Id | None, *, offers: FieldOffers | None = None) -> list[ShownField]:
        """The fields for the template, their choices filled in: with *offers*, or with what the account has."""
        if not self.fields:
            return []
        offers = offers or self._offers(account_id)
        by_key = {one.key: one for one in self.fields}
        return [self._shown(one, by_key, offers) for one in self.fields]

    def _shown(self, one: RequestField, by_key: Mapping[str, RequestField], offers: FieldOffers) -> ShownField:
        control, spoken = self.control(one), languages(self.context)
        radios = one.kind == engine.CHOICE and one.required and len(one.choices) <= RADIOS
        if one.kind in engine.WITH_CHOICES:
            control.choices = [(choice.key, engine.pick_text(choice.text, *spoken)) for choice in one.choices]
        elif one.kind == engine.PERSON:
            control.choices = list(offers.people.items())
        elif one.kind == engine.ENVIRONMENT:
            control.choices = list(offers.environments.items())
        if one.kind in (engine.CHOICE, engine.PERSON, engine.ENVIRONMENT) and not radios:
            control.choices = [("", _("Choose") if one.required else _("No answer")), *control.choices]
        when = one.shown_when
        return ShownField(
            control,
            one.key,
            one.kind,
            engine.pick_text(one.help, *spoken),
            not one.required,
            radios,
            condition_sentence(one, by_key, spoken),
            when.field if when else "",
            " ".join(when.values) if when else "",
            upload_rows(self.context, self.files[one.key]) if self.files.get(one.key) else (),
        )


def condition_sentence(one: RequestField, by_key: Mapping[str, RequestField], spoken: Sequence[str]) -> str:
    """When the field is asked, for people without a script; '' for one that always is."""
    when = one.shown_when
    source = by_key.get(when.field) if when else None
    if when is None or source is None:
        return ""
    label = engine.pick_text(source.label, *spoken)
    if source.kind == engine.CONSENT:
        return _("Only if “%(field)s” is ticked", field=label)
    if not when.values:
        return _("Only if “%(field)s” is answered", field=label)
    words = [engine.pick_text(choice.text, *spoken) for choice in source.choices if choice.key in when.values]
    listed = format_list([_("“%(answer)s”", answer=text) for text in words], style="or", locale=reader_locale())
    return _("Only if “%(field)s” is %(answers)s", field=label, answers=listed)


def parse_moment(value: str) -> dt.datetime:
    """A stored moment (UTC)."""
    return dt.datetime.fromisoformat(value)
