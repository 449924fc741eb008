"""The filters of a list by answers to own fields, as its page draws them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from portal.cases.engine import answer_filters
from portal.cases.engine.request_fields import CONSENT, NUMBER, WITH_CHOICES, YES, RequestField, pick_text
from portal.cases.queries.answer_values import filtered_fields
from portal.cases.queries.lists import Filters
from portal.kernel.context import Context
from portal.web.urls import text_parameter


@dataclass(frozen=True, slots=True)
class AnswerField:
    """A filter by a field. *options*: (value, words) to choose from; without any it is written. `is_span`: two days."""

    label: str
    names: Sequence[str]
    values: Sequence[str]
    options: Sequence[tuple[str, str]]
    is_span: bool
    is_number: bool


def answer_fields(ctx: Context, filters: Filters, types: Iterable[tuple[Any, str]]) -> list[AnswerField]:
    """The fields of the chosen request type as filters; none unless it is one of *types* (id, name), those that the
    list offers to this reader."""
    if filters.request_type_id not in {type_id for type_id, _name in types}:
        return []
    spoken = (str(get_locale() or ""), str(ctx.provider.locale))
    return [_field(one, spoken) for one in filtered_fields(ctx, filters.request_type_id)]


def _field(one: RequestField, spoken: tuple[str, str]) -> AnswerField:
    names = answer_filters.parameters_of(one)
    values = [text_parameter(name, answer_filters.VALUE_LIMIT) for name in names]
    options: list[tuple[str, str]] = []
    if one.kind in WITH_CHOICES:
        options = [(choice.key, pick_text(choice.text, *spoken)) for choice in one.choices]
    elif one.kind == CONSENT:
        options = [(YES, _("Yes"))]
    label = pick_text(one.label, *spoken)
    return AnswerField(label, names, values, options, one.kind in answer_filters.SPANS, one.kind == NUMBER)
