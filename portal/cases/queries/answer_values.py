"""Conditions of lists for answers to own fields, and the fields that a list can be filtered by."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from portal.authz.scopes import scope
from portal.cases.engine.answer_filters import VALUE_LIMIT, AnswerFilter, is_filtered_by
from portal.cases.engine.request_fields import RequestField, load_fields
from portal.cases.models import AnswerValue, Case, RequestType
from portal.kernel.config_cache import cached_config, for_side
from portal.kernel.context import Context

# Greater than every letter: what begins with a text is less than the text with this after it.
_LAST = "\U0010ffff"


def has_answer(type_id: uuid.UUID, wanted: AnswerFilter) -> Any:
    """The condition for cases of the request type with the answer. A part of a statement that starts at the scope of
    cases."""
    rows = select(AnswerValue.case_id).where(AnswerValue.request_type_id == type_id, AnswerValue.field == wanted.field)
    if wanted.exact:
        rows = rows.where(AnswerValue.value == wanted.exact)
    if wanted.beginning:
        begins = func.left(func.folded(wanted.beginning), VALUE_LIMIT)
        rows = rows.where(AnswerValue.value >= begins, AnswerValue.value < begins.concat(_LAST))
    if wanted.first:
        rows = rows.where(AnswerValue.value >= wanted.first)
    if wanted.after:
        rows = rows.where(AnswerValue.value < wanted.after)
    return Case.id.in_(rows)


def filtered_fields(ctx: Context, type_id: uuid.UUID | None) -> Sequence[RequestField]:
    """The fields of the request type that lists are filtered by, in the order of its form; from the cache of the
    configuration. None without a type."""
    return _fields_by_type(ctx).get(type_id, ()) if type_id is not None else ()


def _fields_by_type(ctx: Context) -> Mapping[uuid.UUID, Sequence[RequestField]]:
    return dict(cached_config(ctx, for_side, _read_fields))


def _read_fields(ctx: Context) -> Sequence[tuple[uuid.UUID, tuple[RequestField, ...]]]:
    types = scope(ctx.actor, RequestType).where(RequestType.own_fields != [], RequestType.active)
    rows = ctx.session.execute(types.with_only_columns(RequestType.id, RequestType.own_fields))
    found = [(type_id, tuple(filter(is_filtered_by, load_fields(stored)))) for type_id, stored in rows]
    return [(type_id, fields) for type_id, fields in found if fields]
