"""Links of a case to other cases."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, Uuid, bindparam, or_
from sqlalchemy.orm import joinedload

from portal.authz.scopes import scope
from portal.cases.audience import find_viewers
from portal.cases.models import Case, CaseLink
from portal.cases.queries.people import candidate_viewers, visibility_facts
from portal.cases.queries.shown_people import ShownPerson, shown_people
from portal.kernel.actor import Actor, Id
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


@dataclass(frozen=True, slots=True)
class MergeEffect:
    """Who would gain and lose sight of what if a case was merged into a target, each by name."""

    # People who are put in copy of the target, with whether they see it already.
    copied: Sequence[tuple[ShownPerson, bool]] = ()
    # People who see the target now and whom the case excludes: they are excluded from the target too.
    lost: Sequence[ShownPerson] = ()
    # People who see the case now and will not see how it continues in the target.
    left_behind: Sequence[ShownPerson] = ()


def find_merge_effect(ctx: Context, case: Case, target: Case) -> MergeEffect:
    """What `actions.links.merge` would do to the sight of people."""
    here, before = visibility_facts(ctx, case), visibility_facts(ctx, target)
    named = {user_id for user_id, _kind in here.grants} | {case.contact_user_id}
    named |= {case.reported_by_id} if case.reported_side == "contact" else set()
    excluded = before.excluded | (here.excluded - {target.contact_user_id})
    known = {target.reported_by_id, target.contact_user_id} | {user_id for user_id, _kind in before.grants}
    copied = named - known - excluded
    after = replace(before, excluded=excluded, grants=before.grants | {(user_id, "participant") for user_id in copied})
    everybody = replace(
        after,
        grants=after.grants | {(user_id, "participant") for user_id in named},
        to_organizations=before.to_organizations | here.to_organizations,
    )
    candidates = candidate_viewers(ctx, everybody)
    see_case, saw, see = (
        {viewer.user_id for viewer in find_viewers(candidates, facts)} for facts in (here, before, after)
    )
    lost, left_behind = saw - see, see_case - see - saw
    shown = shown_people(ctx, target.organization_id, copied | lost | left_behind)
    for actor in candidates:
        if actor.is_staff and actor.user_id in shown:
            shown[actor.user_id] = replace(shown[actor.user_id], outside=False)

    def sort(user_ids: set[Id]) -> list[Id]:
        return sorted(user_ids & shown.keys(), key=lambda user_id: fold(shown[user_id].name))

    return MergeEffect(
        [(shown[user_id], user_id in saw) for user_id in sort(copied)],
        [shown[user_id] for user_id in sort(lost)],
        [shown[user_id] for user_id in sort(left_behind)],
    )
