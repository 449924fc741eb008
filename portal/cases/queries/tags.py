"""Tags: the provider's list, and those of cases. Contacts find none."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, Select, Uuid, any_, bindparam, func, select

from portal.authz.scopes import load, scope
from portal.cases.models import Case, CaseTag, Tag
from portal.cases.rules import fold_tag, shared_beginning
from portal.kernel.actor import Actor
from portal.kernel.config_cache import cached_config, for_side
from portal.kernel.context import Context
from portal.kernel.statement_cache import fetch_rows


def known_tags(ctx: Context) -> Sequence[Any]:
    """The provider's tags by name, retired ones too, as rows (id, name, folded, active). None for contacts."""
    return () if ctx.actor.is_contact else cached_config(ctx, for_side, _read_tags)


def _read_tags(ctx: Context) -> Sequence[Any]:
    columns = (Tag.id, Tag.name, Tag.folded, Tag.active)
    return tuple(ctx.session.execute(scope(ctx.actor, Tag).with_only_columns(*columns).order_by(Tag.folded)).all())


def tag_choices(ctx: Context, chosen: uuid.UUID | None = None) -> list[tuple[uuid.UUID, str]]:
    """(id, name) of the tags that are in use, and of *chosen*."""
    return [(row.id, row.name) for row in known_tags(ctx) if row.active or row.id == chosen]


def find_tag_ids(ctx: Context, asked: str) -> list[uuid.UUID]:
    """The ids of the tag called *asked*, or else of those whose names begin like that."""
    by_name = {row.folded: row.id for row in known_tags(ctx)}
    return [by_name[name] for name in shared_beginning(by_name, fold_tag(asked))]


def tags_of_case(ctx: Context, case_id: uuid.UUID) -> list[tuple[uuid.UUID, str]]:
    """(id, name) of the tags of a case by name. No statement where the provider has none, else one."""
    return tags_by_case(ctx, [case_id]).get(case_id, [])


def tags_by_case(ctx: Context, case_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, list[tuple[uuid.UUID, str]]]:
    """(id, name) of the tags of each of the cases by name, for cases that have some. The cases come from a scope. No
    statement where the provider has no tags, else one."""
    names = {row.id: row.name for row in known_tags(ctx)}
    if not names or not case_ids:
        return {}
    found: dict[uuid.UUID, list[tuple[uuid.UUID, str]]] = {}
    order = list(names)
    rows = [(case_id, tag_id) for case_id, tag_id in map(tuple, fetch_rows(ctx, _tags_of, case_ids=list(case_ids)))]
    for case_id, tag_id in sorted(rows, key=lambda row: order.index(row[1])):
        found.setdefault(case_id, []).append((tag_id, names[tag_id]))
    return found


def _tags_of(actor: Actor) -> "Select[Any]":
    columns: Sequence[Any] = (CaseTag.case_id, CaseTag.tag_id)
    wanted = CaseTag.case_id == any_(bindparam("case_ids", None, ARRAY(Uuid())))
    return scope(actor, CaseTag).where(wanted).with_only_columns(*columns)


def has_tag(tag_id: uuid.UUID) -> Any:
    """The condition for cases with a tag. A part of a statement that starts at the scope of cases."""
    return Case.id.in_(select(CaseTag.case_id).where(CaseTag.tag_id == tag_id))


def has_any_tag(tag_ids: Collection[uuid.UUID]) -> Any:
    """The condition for cases with one of several tags, as `has_tag`."""
    return Case.id.in_(select(CaseTag.case_id).where(CaseTag.tag_id.in_(tag_ids)))


def count_cases(ctx: Context) -> Mapping[uuid.UUID, int]:
    """The number of cases with each tag by its id, of the cases that the actor sees. One statement."""
    rows = scope(ctx.actor, CaseTag).with_only_columns(CaseTag.tag_id, func.count()).group_by(CaseTag.tag_id)
    return {row[0]: row[1] for row in ctx.session.execute(rows)}


def tag(ctx: Context, tag_id: uuid.UUID, *, lock: bool = False) -> Tag:
    """One tag of the provider; NotFound for any other."""
    return load(ctx, Tag, Tag.id == tag_id, lock=lock)
