"""The filters of a list that are in force, as chips that can be taken off."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from portal.cases.engine import answer_filters
from portal.cases.engine.request_fields import CONSENT, WITH_CHOICES, RequestField, pick_text
from portal.cases.pages.list_filters import DATE_PARAMETERS, FILTER_NAMES, ID_PARAMETERS
from portal.cases.queries.answer_values import filtered_fields
from portal.cases.queries.lists import Filters, name_in_cases
from portal.kernel.context import Context
from portal.web.times import date_words
from portal.web.urls import text_parameter

# What a select of the page offers: (value, label) by the name of its parameter.
Options = Mapping[str, Iterable[tuple[Any, Any]]]
_NUMBERS = ("severity", "tier")


@dataclass(frozen=True, slots=True)
class ActiveFilter:
    """One filter in force: its words, and the parameters that the list loses without it."""

    label: str
    parameters: tuple[str, ...]
    # Whether it names something that is gone, or that this reader does not see.
    unknown: bool = False

    def removed(self) -> dict[str, None]:
        """The changes of the URL that take the filter off."""
        return dict.fromkeys((*self.parameters, "page"))


def with_chosen(ctx: Context, people: Sequence[tuple[Any, str]], filters: Filters) -> list[tuple[Any, str]]:
    """*people* and those whom the filters name besides, as far as the reader sees a case of theirs."""
    known = {user_id for user_id, _name in people}
    chosen = {filters.reported_by_id, filters.contact_user_id} - known - {None}
    return [*people, *((one, name) for one in chosen if one and (name := name_in_cases(ctx, one)))]


def active_filters(
    filters: Filters, options: Options, *, without: Iterable[str] = (), given: Mapping[str, str] | None = None
) -> list[ActiveFilter]:
    """The filters in force but *without* these parameters. A value is named as the page offers it to this reader;
    what it does not offer is called not found, and nothing is said of it. *given*: the parameters that the filters were
    read from, if not those of the request."""
    found = []
    for name, column in (*ID_PARAMETERS.items(), *((name, name) for name in _NUMBERS)):
        value = getattr(filters, column)
        if value is None or name in without:
            continue
        label = next((str(label) for one, label in options.get(name, ()) if str(one) == str(value)), "")
        also = _follows(name, filters)
        found.append(ActiveFilter(_line(name, label or _("not found")), (name, *also), not label))
    states = text_parameter("status", 200, given)
    if states and options.get("status") and "status" not in without:
        labels = dict(options["status"])
        words = [str(labels.get(one, "")) for one in ([states] if states in labels else states.split(","))]
        found.append(ActiveFilter(_line("status", ", ".join(filter(None, words)) or _("not found")), ("status",)))
    for name in DATE_PARAMETERS:
        if getattr(filters, name) is not None and name not in without:
            found.append(
                ActiveFilter(_line(name, date_words(dt.date.fromisoformat(text_parameter(name, 20, given)))), (name,))
            )
    if filters.words and "q" not in without:
        found.append(ActiveFilter(f"“{filters.words}”", ("q",)))
    return found


def _follows(name: str, filters: Filters) -> tuple[str, ...]:
    """The parameters that mean nothing without the filter *name*."""
    if name == "account":
        return ("env",)
    own = [f"{answer_filters.PREFIX}{one.field}" for one in filters.answers] if name == "type" else []
    return tuple(f"{one}{end}" for one in own for end in ("", "_from", "_to"))


def answer_chips(ctx: Context, filters: Filters, given: Mapping[str, str] | None = None) -> list[ActiveFilter]:
    """The filters in force by answers to own fields. *given* as in `active_filters`."""
    inside = {one.field for one in filters.answers}
    fields = [one for one in filtered_fields(ctx, filters.request_type_id) if one.key in inside]
    spoken = (str(get_locale() or ""), str(ctx.provider.locale))
    found = []
    for one in fields:
        names = answer_filters.parameters_of(one)
        texts = [text_parameter(name, answer_filters.VALUE_LIMIT, given) for name in names]
        words = {"filter": pick_text(one.label, *spoken), "value": _answer_words(one, texts, spoken)}
        found.append(ActiveFilter(_("%(filter)s: %(value)s", **words), names))
    return found


def _answer_words(one: RequestField, texts: Sequence[str], spoken: tuple[str, str]) -> str:
    """What the filter by the field *one* asks for, in words."""
    if one.kind in answer_filters.SPANS:
        first, last = (date_words(dt.date.fromisoformat(text)) if text else "" for text in texts)
        if first and last:
            return _("%(first)s to %(last)s", first=first, last=last)
        return _("from %(day)s", day=first) if first else _("until %(day)s", day=last)
    if one.kind == CONSENT:
        return _("Yes")
    if one.kind in WITH_CHOICES:
        return next((pick_text(choice.text, *spoken) for choice in one.choices if choice.key == texts[0]), "")
    return texts[0]


def _line(name: str, value: str) -> str:
    return _("%(filter)s: %(value)s", filter=str(FILTER_NAMES[name]), value=value)
