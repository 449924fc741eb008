"""The own fields of a request type's form as data, and the answers to them. Pure: no database, no request.

A field as it is stored:

    {"key": "plate", "kind": "text", "label": {"en": "Number plate"}, "help": {}, "required": true, "in_lists": true,
     "choices": [], "default": "", "shown_when": {"field": "vehicle", "values": ["c1"]}, "ended": false}

Texts have a wording per language. `shown_when` names an earlier field, so that conditions never form a loop; without
values any answer of that field shows this one. A field is never deleted, only ended: its key has one meaning for ever.

An answer as it is stored with a case holds what the form said at that time (label, words of the chosen values, in every
language), so that a change of the form changes no case:

    {"key": "plate", "kind": "text", "label": {"en": "Number plate"}, "value": "WA 12345", "words": [{"": "WA 12345"}]}
"""

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

import phonenumbers
from babel import Locale, UnknownLocaleError
from babel.numbers import NumberFormatError, parse_decimal
from phonenumbers import NumberParseException, PhoneNumberFormat

from portal.kernel.errors import RuleProblem
from portal.kernel.text import clean_line, clean_text

TEXT, PARAGRAPH, CHOICE, CHOICES, DATE, MOMENT = "text", "paragraph", "choice", "choices", "date", "moment"
PERSON, ENVIRONMENT, NUMBER, PHONE, FILE, CONSENT = "person", "environment", "number", "phone", "file", "consent"
KINDS = (TEXT, PARAGRAPH, CHOICE, CHOICES, DATE, MOMENT, PERSON, ENVIRONMENT, NUMBER, PHONE, FILE, CONSENT)
WITH_CHOICES = frozenset({CHOICE, CHOICES})
WITH_DEFAULT = frozenset({TEXT, PARAGRAPH, CHOICE, NUMBER, PHONE})
YES = "yes"

MOST_FIELDS, MOST_STORED, MOST_CHOICES, MOST_FILES = 40, 120, 100, 5
LABEL_LIMIT, HELP_LIMIT, CHOICE_LIMIT, LINE_LIMIT, PARAGRAPH_LIMIT = 120, 300, 100, 200, 5_000
_KEY = re.compile(r"[a-z][a-z0-9_]{0,29}")
_DIGITS = 15
_YEARS = range(1900, 2200)

Texts = Mapping[str, str]


class FieldFault(StrEnum):
    """Why a definition is invalid; `cases.refusals` has the sentences."""

    UNKNOWN_KIND = "unknown_kind"
    BAD_KEY = "bad_key"
    NO_LABEL = "no_label"
    LONG_TEXT = "long_text"
    NO_CHOICES = "no_choices"
    TOO_MANY_CHOICES = "too_many_choices"
    EQUAL_CHOICES = "equal_choices"
    BAD_DEFAULT = "bad_default"
    SEVERAL_CONDITIONS = "several_conditions"
    TOO_MANY_FIELDS = "too_many_fields"
    NEEDED_BY_ANOTHER = "needed_by_another"


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


class RequestFieldProblem(RuleProblem):
    """An invalid definition; *code* is a FieldFault."""


class AnswerProblem(RuleProblem):
    """An invalid answer; *code* is an AnswerFault, *field* the key of the field."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values to choose from. The key stays when the words change."""

    key: str
    text: Texts


@dataclass(frozen=True, slots=True)
class Condition:
    """The field is shown only if the earlier field *field* has one of *values*; without values: any answer."""

    field: str
    values: tuple[str, ...] = ()


def join_conditions(picked: Sequence[tuple[str, str]]) -> Condition | None:
    """The condition of the answers *picked* (field, value; '' as a value: any answer); None where there is none. Raises
    RequestFieldProblem for answers of several fields."""
    sources = {source for source, _value in picked}
    if not sources:
        return None
    if len(sources) > 1:
        raise RequestFieldProblem(FieldFault.SEVERAL_CONDITIONS, "when")
    values = tuple(value for _source, value in picked)
    return Condition(sources.pop(), () if "" in values else values)


@dataclass(frozen=True, slots=True)
class RequestField:
    """A field of a request type's own form."""

    key: str
    kind: str
    label: Texts
    help: Texts = field(default_factory=dict)
    required: bool = False
    in_lists: bool = False
    choices: tuple[Choice, ...] = ()
    default: str = ""
    shown_when: Condition | None = None
    ended: bool = False

    def to_stored(self) -> dict[str, Any]:
        """The field as JSON."""
        when = self.shown_when
        return {
            "key": self.key,
            "kind": self.kind,
            "label": dict(self.label),
            "help": dict(self.help),
            "required": self.required,
            "in_lists": self.in_lists,
            "choices": [{"key": one.key, "text": dict(one.text)} for one in self.choices],
            "default": self.default,
            "shown_when": {"field": when.field, "values": list(when.values)} if when else None,
            "ended": self.ended,
        }


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


# -- definitions ------------------------------------------------------------------------------------------------------


def load_fields(stored: Iterable[Mapping[str, Any]]) -> tuple[RequestField, ...]:
    """The fields of a request type from their JSON, ended ones too."""
    return tuple(_load_field(one) for one in stored)


def _load_field(one: Mapping[str, Any]) -> RequestField:
    when = one.get("shown_when")
    return RequestField(
        one["key"],
        one["kind"],
        one["label"],
        one.get("help") or {},
        bool(one.get("required")),
        bool(one.get("in_lists")),
        tuple(Choice(choice["key"], choice["text"]) for choice in one.get("choices") or ()),
        one.get("default") or "",
        Condition(when["field"], tuple(when["values"])) if when else None,
        bool(one.get("ended")),
    )


def asked_fields(fields: Iterable[RequestField]) -> tuple[RequestField, ...]:
    """Those that the form asks: not ended."""
    return tuple(one for one in fields if not one.ended)


def pick_text(texts: Texts, *languages: str) -> str:
    """*texts* in the first of *languages* that they have ("pl", or "pl" of "pl_PL"), else in any."""
    for wanted in languages:
        for name in (wanted, wanted.partition("_")[0]):
            if texts.get(name):
                return texts[name]
    return next((text for text in texts.values() if text), "")


def check_fields(fields: Sequence[RequestField], own_language: str) -> None:
    """Raise RequestFieldProblem where the form as a whole or one of its fields is invalid. *own_language*: that of the
    provider, in which every label and choice has a wording."""
    asked = asked_fields(fields)
    if len(asked) > MOST_FIELDS or len(fields) > MOST_STORED:
        raise RequestFieldProblem(FieldFault.TOO_MANY_FIELDS, limit=MOST_FIELDS)
    if len({one.key for one in fields}) != len(fields):
        raise RequestFieldProblem(FieldFault.BAD_KEY)
    earlier: dict[str, RequestField] = {}
    for one in asked:
        check_field(one, own_language)
        if one.shown_when is not None and not _is_possible(one.shown_when, earlier):
            raise RequestFieldProblem(FieldFault.NEEDED_BY_ANOTHER, written=pick_text(one.label, own_language))
        earlier[one.key] = one


def check_field(one: RequestField, own_language: str) -> None:
    """Raise RequestFieldProblem, with the part of the definition, where *one* is invalid by itself."""
    if one.kind not in KINDS:
        raise RequestFieldProblem(FieldFault.UNKNOWN_KIND, "kind")
    if not _KEY.fullmatch(one.key):
        raise RequestFieldProblem(FieldFault.BAD_KEY, "key", written=one.key)
    if not one.label.get(own_language):
        raise RequestFieldProblem(FieldFault.NO_LABEL, "label")
    for part, texts, limit in (("label", one.label, LABEL_LIMIT), ("help", one.help, HELP_LIMIT)):
        if any(len(text) > limit for text in texts.values()):
            raise RequestFieldProblem(FieldFault.LONG_TEXT, part, limit=limit)
    if one.kind in WITH_CHOICES:
        _check_choices(one.choices, own_language)
    _check_default(one)


def _check_choices(choices: Sequence[Choice], own_language: str) -> None:
    if not choices or any(not choice.text.get(own_language) for choice in choices):
        raise RequestFieldProblem(FieldFault.NO_CHOICES, "choices")
    if len(choices) > MOST_CHOICES:
        raise RequestFieldProblem(FieldFault.TOO_MANY_CHOICES, "choices", limit=MOST_CHOICES)
    if any(len(text) > CHOICE_LIMIT for choice in choices for text in choice.text.values()):
        raise RequestFieldProblem(FieldFault.LONG_TEXT, "choices", limit=CHOICE_LIMIT)
    if len({choice.key for choice in choices}) != len(choices) or not all(_KEY.fullmatch(c.key) for c in choices):
        raise RequestFieldProblem(FieldFault.BAD_KEY, "choices")
    if len({choice.text[own_language].casefold() for choice in choices}) != len(choices):
        raise RequestFieldProblem(FieldFault.EQUAL_CHOICES, "choices")


def _check_default(one: RequestField) -> None:
    """A default is what the field accepts."""
    if not one.default:
        return
    if one.kind == CHOICE and one.default not in {choice.key for choice in one.choices}:
        raise RequestFieldProblem(FieldFault.BAD_DEFAULT, "default")
    limit = PARAGRAPH_LIMIT if one.kind == PARAGRAPH else LINE_LIMIT
    if len(one.default) > limit:
        raise RequestFieldProblem(FieldFault.LONG_TEXT, "default", limit=limit)
    if one.kind in (NUMBER, PHONE):
        try:
            _READERS[one.kind](one, one.default, FieldOffers())
        except AnswerProblem:
            raise RequestFieldProblem(FieldFault.BAD_DEFAULT, "default") from None


def condition_values(one: RequestField) -> tuple[str, ...]:
    """The values of *one* that a condition of a later field can name; none where only "any answer" is possible."""
    if one.kind in WITH_CHOICES:
        return tuple(choice.key for choice in one.choices)
    return (YES,) if one.kind == CONSENT else ()


def _is_possible(when: Condition, earlier: Mapping[str, RequestField]) -> bool:
    source = earlier.get(when.field)
    return source is not None and set(when.values) <= set(condition_values(source))


def match_choices(
    written: Sequence[Texts], before: Sequence[Choice], own_language: str, taken: Collection[str] = ()
) -> tuple[Choice, ...]:
    """*written* words as choices: a choice whose words are unchanged keeps its key, and so does one that was only
    reworded in its place. Others get a new one. *taken*: keys that conditions of other fields still name."""
    by_words = {choice.text.get(own_language, "").casefold(): choice.key for choice in before}
    keys = [by_words.get(texts.get(own_language, "").casefold(), "") for texts in written]
    if len(written) == len(before):
        used = set(keys)
        keys = [key or (old.key if old.key not in used else "") for key, old in zip(keys, before, strict=True)]
    numbers = [int(key[1:]) for key in {c.key for c in before} | set(taken) if re.fullmatch(r"c[0-9]{1,6}", key)]
    number = max(numbers, default=0)
    found: list[Choice] = []
    for key, texts in zip(keys, written, strict=True):
        if not key or key in {choice.key for choice in found}:
            number += 1
            key = f"c{number}"
        found.append(Choice(key, texts))
    return tuple(found)


def free_key(label: str, taken: Collection[str]) -> str:
    """A key made of *label* ("number_plate") that is not in *taken*."""
    base = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:24].strip("_")
    base = base if _KEY.fullmatch(base) else "field"
    return next(key for n in range(1, len(taken) + 2) if (key := base if n == 1 else f"{base}_{n}") not in taken)


# -- answers ----------------------------------------------------------------------------------------------------------


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
    value, words = _READERS[one.kind](one, text, offers)
    return Answer(one.key, one.kind, one.label, value, (words,)) if value else None


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
        local = dt.datetime.fromisoformat(text.replace(" ", "T", 1))
    except ValueError:
        raise AnswerProblem(AnswerFault.NO_MOMENT, one.key) from None
    if len(text) <= len("2026-01-01") or local.year not in _YEARS or local.tzinfo is not None:
        raise AnswerProblem(AnswerFault.NO_MOMENT, one.key)
    moment = local.replace(tzinfo=offers.zone).astimezone(dt.UTC)
    if moment.astimezone(offers.zone).replace(tzinfo=None) != local:
        raise AnswerProblem(AnswerFault.SKIPPED_MOMENT, one.key)
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
    typed = f"+{text[2:]}" if text.startswith("00") else text
    try:
        found = phonenumbers.parse(typed, offers.region or None)
    except NumberParseException:
        found = None
    if found is not None and phonenumbers.is_possible_number(found):
        shown = str(phonenumbers.format_number(found, PhoneNumberFormat.INTERNATIONAL))
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
