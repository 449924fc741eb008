"""What makes the own fields of a request type's form valid, and the keys of fields and choices. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

from portal.cases.engine.request_answers import AnswerProblem, FieldOffers, read_value
from portal.cases.engine.request_fields import (
    CHOICE,
    CHOICE_LIMIT,
    CONSENT,
    HELP_LIMIT,
    KINDS,
    LABEL_LIMIT,
    LINE_LIMIT,
    MOST_CHOICES,
    MOST_FIELDS,
    MOST_STORED,
    NUMBER,
    PARAGRAPH,
    PARAGRAPH_LIMIT,
    PHONE,
    WITH_CHOICES,
    YES,
    Choice,
    Condition,
    RequestField,
    Texts,
    asked_fields,
    pick_text,
)
from portal.kernel.errors import RuleProblem

_KEY = re.compile(r"[a-z][a-z0-9_]{0,29}")


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


class RequestFieldProblem(RuleProblem):
    """An invalid definition; *code* is a FieldFault."""


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
            read_value(one, one.default, FieldOffers())
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
