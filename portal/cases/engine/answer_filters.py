"""Filters of lists by answers to own fields: read from parameters. Pure: no database, no request.

The parameter of a field with the key `plate` is `own_plate`; days and moments have a span, `own_day_from` and
`own_day_to`. Keys have a meaning within a request type only, so the parameters are read with the fields of the type
that the list is filtered by.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from portal.cases.engine.request_answers import AnswerProblem, FieldOffers, read_value
from portal.cases.engine.request_fields import (
    CHOICE,
    CHOICES,
    CONSENT,
    DATE,
    FILE,
    MOMENT,
    NUMBER,
    PARAGRAPH,
    YES,
    RequestField,
)
from portal.kernel.local_times import read_date, read_day
from portal.kernel.text import clean_line

PREFIX = "own_"
SPANS = frozenset({DATE, MOMENT})
# Long texts and files are found by their words.
NOT_FILTERED = frozenset({PARAGRAPH, FILE})
VALUE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class AnswerFilter:
    """The cases whose answer to *field* is *exact*, begins with *beginning*, or lies from *first* to before *after*;
    '' of what does not bind."""

    field: str
    exact: str = ""
    beginning: str = ""
    first: str = ""
    after: str = ""


def is_filtered_by(one: RequestField) -> bool:
    """Whether lists are filtered by the field *one*."""
    return one.kind not in NOT_FILTERED and not one.ended


def parameters_of(one: RequestField) -> tuple[str, ...]:
    """The names of the parameters of the field *one*: two of a span, first and last day."""
    name = f"{PREFIX}{one.key}"
    return (f"{name}_from", f"{name}_to") if one.kind in SPANS else (name,)


def read_answer_filters(
    fields: Iterable[RequestField], given: Callable[[str], str], zone: dt.tzinfo, locale: str
) -> tuple[tuple[AnswerFilter, ...], list[RequestField]]:
    """(filters, fields of which something could not be read) of the parameters *given* by name; days are of *zone*,
    numbers are written as in *locale*."""
    found: list[AnswerFilter] = []
    unread: list[RequestField] = []
    for one in filter(is_filtered_by, fields):
        texts = [clean_line(given(name))[:VALUE_LIMIT] for name in parameters_of(one)]
        if not any(texts):
            continue
        read = _read_span(one, texts, zone) if one.kind in SPANS else _read_one(one, texts[0], locale)
        if read is None:
            unread.append(one)
        else:
            found.append(read)
    return tuple(found), unread


def _read_span(one: RequestField, texts: list[str], zone: dt.tzinfo) -> AnswerFilter | None:
    bounds = []
    for text, after in zip(texts, (False, True), strict=True):
        bound = _bound(one.kind, text, zone, after=after) if text else ""
        if bound is None:
            return None
        bounds.append(bound)
    return AnswerFilter(one.key, first=bounds[0], after=bounds[1])


def _bound(kind: str, text: str, zone: dt.tzinfo, *, after: bool) -> str | None:
    """The stored value with which the day *text* begins, with *after* the next one; None for what is no day."""
    day = read_date(text)
    if day is None:
        return None
    if kind == DATE:
        return (day + dt.timedelta(days=1 if after else 0)).isoformat()
    moment = read_day(text, zone, after=after)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment is not None else None


def _read_one(one: RequestField, text: str, locale: str) -> AnswerFilter | None:
    if one.kind in (CHOICE, CHOICES):
        known = {choice.key for choice in one.choices}
        return AnswerFilter(one.key, exact=text) if text in known else None
    if one.kind == CONSENT:
        return AnswerFilter(one.key, exact=YES) if text == YES else None
    if one.kind == NUMBER:
        try:
            return AnswerFilter(one.key, exact=read_value(one, text, FieldOffers(locale=locale))[0])
        except AnswerProblem:
            return None
    return AnswerFilter(one.key, beginning=text)
