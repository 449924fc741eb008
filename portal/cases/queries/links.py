"""Links of a case to other cases."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, Uuid, bindparam, or_
from sqlalchemy.orm import joinedload

from portal.authz.scopes import scope
from portal.cases.models import Case, CaseExclusion, CaseLink
from portal.cases.queries.shown_people import ShownPerson, shown_people
from portal.kernel.actor import Actor
from portal.kernel.context import Context
from portal.kernel.database import table_of
from portal.kernel.statement_cache import fetch_rows
from portal.kernel.text import fold


def linked_cases(ctx: Context, case: Case) -> Sequence[tuple[Any, Case]]:
    """(link, other case) for links of *case* in either direction, if the actor may see the other case."""
    links = fetch_rows(ctx, _links, case_id=case.id)
    others = {link.other_id if link.case_id == case.id else link.case_id for link in links}
    if not others:
        return []
    seen = {
        c.id: c
        for c in ctx.session.scalars(
            scope(ctx.actor, Case).where(Case.id.in_(others)).options(joinedload(Case.account, innerjoin=True))
        )
    }
    found = [(link, seen.get(link.other_id if link.case_id == case.id else link.case_id)) for link in links]
    return [(link, other) for link, other in found if other is not None]


def _links(actor: Actor) -> "Select[Any]":
    this = bindparam("case_id", None, Uuid())
    rows = scope(actor, CaseLink).where(or_(CaseLink.case_id == this, CaseLink.other_id == this)).limit(50)
    return rows.with_only_columns(*table_of(CaseLink).columns)


def readers_gained_by_merge(ctx: Context, case: Case, target: Case) -> list[ShownPerson]:
    """The people of *case* who would be put in copy of *target* by `actions.links.merge`, by name."""
    gone = set(ctx.session.scalars(_excluded_user_ids(ctx, case, target)))
    there = {target.reported_by_id, target.contact_user_id} | {g.user_id for g in target.grants if g.user_id}
    here = {g.user_id for g in case.grants if g.user_id} | {case.contact_user_id}
    here |= {case.reported_by_id} if case.reported_side == "contact" else set()
    found = shown_people(ctx, target.organization_id, here - there - gone)
    return sorted(found.values(), key=lambda person: fold(person.name))


def _excluded_user_ids(ctx: Context, *cases: Case) -> Any:
    rows = scope(ctx.actor, CaseExclusion).where(CaseExclusion.case_id.in_([case.id for case in cases]))
    return rows.with_only_columns(CaseExclusion.user_id)
