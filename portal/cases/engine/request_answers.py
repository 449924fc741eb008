"""The answers to the own fields of a request type's form: read from what was typed, stored, searched, corrected. Pure.

An answer as it is stored with a case holds what the form said at that time (label, words of the chosen values, in every
language), so that a change of the form changes no case:

    {"key": "plate", "kind": "text", "label": {"en": "Number plate"}, "value": "WA 12345", "words": [{"": "WA 12345"}]}
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.numbers import NumberFormatError, parse_decimal

from portal.cases.engine.request_fields import (
    CHOICE,
    CHOICES,
    CONSENT,
    DATE,
    ENVIRONMENT,
    FILE,
    LINE_LIMIT,
    MOMENT,
    MOST_FILES,
    NUMBER,
    PARAGRAPH,
    PARAGRAPH_LIMIT,
    PERSON,
    PHONE,
    TEXT,
    WITH_CHOICES,
    YES,
    Choice,
    RequestField,
    Texts,
    asked_fields,
)
from portal.kernel.errors import RuleProblem
from portal.kernel.local_times import SkippedTime, read_local_time
from portal.kernel.phone_numbers import parse_number, show_number
from portal.kernel.text import clean_line, clean_text

_DIGITS = 15
_YEARS = range(1900, 2200)


class AnswerFault(StrEnum):
    """Why an answer is not accepted; `cases.refusals` has the sentences."""

    NOT_CHOSEN = "answer_not_chosen"
    NOT_WRITTEN = "answer_not_written"
    NOT_ATTACHED = "answer_not_attached"
    NOT_TICKED = "answer_not_ticked"
    TOO_LONG = "answer_too_long"
    UNKNOWN_CHOICE = "answer_unknown_choice"
    NO_DATE = "answer_no_date"
    NO_MOMENT = "answer_no_moment"
    SKIPPED_MOMENT = "answer_skipped_moment"
    NO_NUMBER = "answer_no_number"
    NO_PHONE = "answer_no_phone"
    TOO_MANY_FILES = "answer_too_many_files"


class AnswerProblem(RuleProblem):
    """An invalid answer; *code* is an AnswerFault, *field* the key of the field."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it is stored with a case. *value* is a text, or a list of keys or ids; *words* are the texts of the
    values, under the language '' where they have no translation."""

    key: str
    kind: str
    label: Texts
    value: str | list[str]
    words: tuple[Texts, ...]

    def to_stored(self) -> dict[str, Any]:
        """The answer as JSON."""
        words = [dict(one) for one in self.words]
        return {"key": self.key, "kind": self.kind, "label": dict(self.label), "value": self.value, "words": words}


@dataclass(frozen=True, slots=True)
class FieldOffers:
    """What the person may choose, as id → name, and how they write times, numbers and phone numbers.

    *files* are the staged files that came with the form, by id."""

    people: Mapping[str, str] = field(default_factory=dict)
    environments: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    zone: dt.tzinfo = dt.UTC
    locale: str = "en"
    region: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """The answers of the shown fields in the order of the form, and one problem per field that has one."""

    answers: tuple[Answer, ...]
    problems: Mapping[str, AnswerProblem]
    shown: frozenset[str]


def read_answers(
    fields: Iterable[RequestField], typed: Mapping[str, Sequence[str]], offers: FieldOffers, *, enforce: bool = True
) -> Reading:
    """The answers that *typed* (texts by key of a field) gives to *fields*, in their order.

    A field whose condition does not hold is not asked: its text is ignored, whatever it is. *enforce*: required fields
    that are shown need an answer. A template that was left as it was is no answer.
    """
    answers: list[Answer] = []
    problems: dict[str, AnswerProblem] = {}
    values: dict[str, tuple[str, ...]] = {}
    shown: set[str] = set()
    for one in asked_fields(fields):
        if not is_shown(one, values):
            continue
        shown.add(one.key)
        try:
            answer = _read_answer(one, typed.get(one.key, ()), offers)
            if answer is None and one.required and enforce and _can_be_answered(one, offers):
                raise AnswerProblem(_MISSING.get(one.kind, AnswerFault.NOT_WRITTEN), one.key)
        except AnswerProblem as problem:
            problems[one.key] = problem
            continue
        if answer is not None:
            answers.append(answer)
            values[one.key] = (answer.value,) if isinstance(answer.value, str) else tuple(answer.value)
    return Reading(tuple(answers), problems, frozenset(shown))


def _can_be_answered(one: RequestField, offers: FieldOffers) -> bool:
    """Nobody is asked to choose from nothing."""
    offered = {PERSON: offers.people, ENVIRONMENT: offers.environments}.get(one.kind)
    return offered is None or bool(offered)


def is_shown(one: RequestField, values: Mapping[str, Sequence[str]]) -> bool:
    """Whether *one* is shown, where *values* are those of the answered fields before it."""
    when = one.shown_when
    if when is None:
        return True
    given = values.get(when.field)
    return bool(given) and (not when.values or bool(set(given or ()) & set(when.values)))


def _read_answer(one: RequestField, typed: Sequence[str], offers: FieldOffers) -> Answer | None:
    """The answer of one field; None for an empty one. Raises AnswerProblem."""
    if one.kind in (CHOICES, FILE):
        offered = offers.files if one.kind == FILE else None
        return _read_several(one, [text for text in typed if text], offered)
    text = typed[0] if typed else ""
    text = clean_text(text).strip("\n ") if one.kind == PARAGRAPH else clean_line(text)
    if one.kind == PARAGRAPH and one.default and text.split() == one.default.split():
        return None
    if not text:
        return None
    limit = PARAGRAPH_LIMIT if one.kind == PARAGRAPH else LINE_LIMIT
    if len(text) > limit:
        raise AnswerProblem(AnswerFault.TOO_LONG, one.key, limit=limit)
    value, words = read_value(one, text, offers)
    return Answer(one.key, one.kind, one.label, value, (words,)) if value else None


def read_value(one: RequestField, text: str, offers: FieldOffers) -> tuple[str, Texts]:
    """The value that *text* is for a field of one answer, and its words. Raises AnswerProblem."""
    value, words = _READERS[one.kind](one, text, offers)
    return value, words


def _read_several(one: RequestField, typed: Sequence[str], files: Mapping[str, str] | None) -> Answer | None:
    known: Mapping[str, Texts] = (
        {choice.key: choice.text for choice in one.choices}
        if files is None
        else {file_id: {"": name} for file_id, name in files.items()}
    )
    unknown = [text for text in typed if text not in known]
    if unknown and files is None:
        raise AnswerProblem(AnswerFault.UNKNOWN_CHOICE, one.key)
    chosen = [key for key in known if key in set(typed)]
    if files is not None and len(chosen) > MOST_FILES:
        raise AnswerProblem(AnswerFault.TOO_MANY_FILES, one.key, limit=MOST_FILES)
    return Answer(one.key, one.kind, one.label, chosen, tuple(known[key] for key in chosen)) if chosen else None


def _as_written(_one: RequestField, text: str, _offers: FieldOffers) -> tuple[str, Texts]:
    return text, {"": text}


def _read_choice(one: RequestField, text: str, _offers: FieldOffers) -> tuple[str, Texts]:
    for choice in one.choices:
        if choice.key == text:
            return text, choice.text
    raise AnswerProblem(AnswerFault.UNKNOWN_CHOICE, one.key)


def _read_offered(one: RequestField, text: str, offers: FieldOffers) -> tuple[str, Texts]:
    offered = offers.people if one.kind == PERSON else offers.environments
    if text not in offered:
        raise AnswerProblem(AnswerFault.UNKNOWN_CHOICE, one.key)
    return text, {"": offered[text]}


def _read_date(one: RequestField, text: str, _offers: FieldOffers) -> tuple[str, Texts]:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise AnswerProblem(AnswerFault.NO_DATE, one.key) from None
    if day.year not in _YEARS:
        raise AnswerProblem(AnswerFault.NO_DATE, one.key)
    return day.isoformat(), {"": day.isoformat()}


def _read_moment(one: RequestField, text: str, offers: FieldOffers) -> tuple[str, Texts]:
    """A local time in the reader's zone, as UTC; one that a change of the clock skips does not exist."""
    try:
        moment = read_local_time(text, offers.zone)
    except SkippedTime:
        raise AnswerProblem(AnswerFault.SKIPPED_MOMENT, one.key) from None
    if moment is None or moment.year not in _YEARS:
        raise AnswerProblem(AnswerFault.NO_MOMENT, one.key)
    written = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return written, {"": written}


def _read_number(one: RequestField, text: str, offers: FieldOffers) -> tuple[str, Texts]:
    """A decimal number as people of the locale write it, or with a point."""
    found: Decimal | None = None
    digits = re.sub(r"[ \u00a0\u202f]", "", text)
    if not re.fullmatch(r"[+-]?[0-9][0-9.,]*", digits, re.ASCII):
        raise AnswerProblem(AnswerFault.NO_NUMBER, one.key)
    try:
        found = parse_decimal(digits, locale=Locale.parse(offers.locale), strict=True)
    except (NumberFormatError, InvalidOperation, ValueError, UnknownLocaleError):
        if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", digits):
            found = Decimal(digits)
    if found is None or not found.is_finite() or (found != 0 and not -_DIGITS <= found.adjusted() < _DIGITS):
        raise AnswerProblem(AnswerFault.NO_NUMBER, one.key)
    if len(found.as_tuple().digits) > 2 * _DIGITS:
        raise AnswerProblem(AnswerFault.NO_NUMBER, one.key)
    written = format(found, "f")
    return written, {"": written}


def _read_phone(one: RequestField, text: str, offers: FieldOffers) -> tuple[str, Texts]:
    """A number as people dial it; without the country's code it is one of the region. What is no number of any country
    but can be dialed (an extension) is kept as it was written."""
    number = parse_number(text, offers.region)
    if number is not None:
        shown = show_number(number)
        return shown, {"": shown}
    if sum(c.isdecimal() for c in text) < 5 or not re.fullmatch(r"[0-9+()./ \-]+", text):
        raise AnswerProblem(AnswerFault.NO_PHONE, one.key)
    return text, {"": text}


def _read_consent(one: RequestField, text: str, _offers: FieldOffers) -> tuple[str, Texts]:
    return (YES, {"": YES}) if text.lower() in (YES, "y", "on", "true", "1") else ("", {})


_READERS: Mapping[str, Any] = {
    TEXT: _as_written,
    PARAGRAPH: _as_written,
    CHOICE: _read_choice,
    DATE: _read_date,
    MOMENT: _read_moment,
    PERSON: _read_offered,
    ENVIRONMENT: _read_offered,
    NUMBER: _read_number,
    PHONE: _read_phone,
    CONSENT: _read_consent,
}
_MISSING = {
    CHOICE: AnswerFault.NOT_CHOSEN,
    CHOICES: AnswerFault.NOT_CHOSEN,
    PERSON: AnswerFault.NOT_CHOSEN,
    ENVIRONMENT: AnswerFault.NOT_CHOSEN,
    DATE: AnswerFault.NO_DATE,
    MOMENT: AnswerFault.NO_MOMENT,
    FILE: AnswerFault.NOT_ATTACHED,
    CONSENT: AnswerFault.NOT_TICKED,
}


def load_answers(stored: Iterable[Mapping[str, Any]] | None) -> tuple[Answer, ...]:
    """The answers of a case from their JSON."""
    return tuple(
        Answer(one["key"], one["kind"], one["label"], one["value"], tuple(one["words"])) for one in stored or ()
    )


def search_texts(answers: Iterable[Answer]) -> list[str]:
    """The words of *answers* for the search index, in every language. A moment is found by its date."""
    found: list[str] = []
    for one in answers:
        if one.kind == CONSENT:
            continue
        if one.kind == MOMENT:
            found.append(str(one.value)[:10])
            continue
        found.extend(text for words in one.words for text in words.values())
    return list(dict.fromkeys(found))


def portable_answers(answers: Iterable[Answer]) -> tuple[Answer, ...]:
    """Those that may go along when a case continues in another account: none that names people, places or files."""
    return tuple(one for one in answers if one.kind not in (PERSON, ENVIRONMENT, FILE))


def with_former_choices(fields: Iterable[RequestField], before: Iterable[Answer]) -> tuple[RequestField, ...]:
    """*fields* as a correction of the answers *before* asks them: what was chosen stays a choice."""
    old = {one.key: one for one in before}
    return tuple(_with_chosen(one, old[one.key]) if one.key in old else one for one in fields)


def _with_chosen(one: RequestField, answer: Answer) -> RequestField:
    if one.kind != answer.kind or one.kind not in WITH_CHOICES:
        return one
    values = [answer.value] if isinstance(answer.value, str) else answer.value
    known = {choice.key for choice in one.choices}
    gone = [Choice(key, words) for key, words in zip(values, answer.words, strict=True) if key not in known]
    return replace(one, choices=(*one.choices, *gone))


def merge_answers(before: Sequence[Answer], reading: Reading, fields: Iterable[RequestField]) -> tuple[Answer, ...]:
    """The answers of a case after a correction that gave *reading*: first what the form no longer asks, then what it
    asks. An answer that the form could not show stays: of another kind, files, or of a field that was not asked because
    of an answer that is the same as before."""
    old, new = ({one.key: one for one in answers} for answers in (before, reading.answers))
    asked = {one.key: one for one in asked_fields(fields)}
    merged = [one for one in before if one.key not in asked]
    for key, one in asked.items():
        if key in new and key in old and new[key].value == old[key].value:
            merged.append(old[key])
        elif key in new:
            merged.append(new[key])
        elif key in old and _stays(one, old, new, reading):
            merged.append(old[key])
    return tuple(merged)


def _stays(one: RequestField, old: Mapping[str, Answer], new: Mapping[str, Answer], reading: Reading) -> bool:
    if one.kind == FILE or one.kind != old[one.key].kind:
        return True
    if one.key in reading.shown or one.shown_when is None:
        return False
    was, now = (answers.get(one.shown_when.field) for answers in (old, new))
    return (was.value if was else None) == (now.value if now else None)
