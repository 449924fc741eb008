"""Making and changing spaces, and watching them on the desk."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.scopes import scope
from portal.community.actions import clock
from portal.community.models import CommunitySpace, CommunitySpaceOrganization, CommunityTopic, CommunityWatch
from portal.community.queries import spaces as queries
from portal.community.rules import LONGEST_DUE
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record

# The most waiting topics whose time moves with a change of their space; older ones keep theirs.
MOST_MOVED = 1_000


@dataclass(frozen=True, slots=True)
class SpaceFacts:
    """What an administrator writes of a space."""

    name: str
    description: str = ""
    everybody: bool = False
    organizations: Sequence[uuid.UUID] = ()
    aliased: bool = False
    holds_first: bool = False
    due_hours: int = 0
    calendar_id: uuid.UUID | None = None
    active: bool = True


def add_space(ctx: Context, facts: SpaceFacts) -> CommunitySpace:
    """Make a space; records `community.space_added`. Raises Refused for one that nobody could see."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    _check(facts)
    if len(queries.spaces(ctx, active=False)) >= queries.MOST_SPACES:
        raise Refused(_("There are %(limit)d spaces already", limit=queries.MOST_SPACES), "name")
    row = CommunitySpace(provider_id=ctx.provider_id, created_at=ctx.now, version=1, **_columns(facts))
    ctx.session.add(row)
    ctx.session.flush()
    _name_organizations(ctx, row, facts)
    record(ctx, "community.space_added", row, name=row.name)
    return row


def change_space(ctx: Context, row: CommunitySpace, facts: SpaceFacts) -> None:
    """Change *row*, at once for all its topics; records `community.space_changed` with the names of what changed.
    Raises Refused for one that nobody could see."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    _check(facts)
    changed = [name for name, value in _columns(facts).items() if getattr(row, name) != value]
    if {one.id for one in queries.named_organizations(ctx, row)} != set(_named(facts)):
        changed.append("organizations")
        _name_organizations(ctx, row, facts)
    if not changed:
        return
    for name, value in _columns(facts).items():
        setattr(row, name, value)
    row.version += 1
    ctx.session.flush()
    if {"due_hours", "calendar_id"} & set(changed):
        _move_times(ctx, row)
    record(ctx, "community.space_changed", row, changed=changed)


def watch_space(ctx: Context, row: CommunitySpace, *, watches: bool) -> None:
    """Tell the actor, a member of the staff, of topics in *row* that wait too long, or stop it."""
    require(ctx.actor, Permission.COMMUNITY_READ)
    if watches:
        watch = {"id": ids.new_id(), "provider_id": ctx.provider_id, "space_id": row.id, "user_id": ctx.actor.user_id}
        ctx.session.execute(insert(CommunityWatch).values(**watch).on_conflict_do_nothing())
        return
    own = CommunityWatch.user_id == ctx.actor.user_id
    ctx.session.execute(delete(CommunityWatch).where(CommunityWatch.space_id == row.id, own))


def _columns(facts: SpaceFacts) -> dict[str, Any]:
    return {one.name: getattr(facts, one.name) for one in fields(facts) if one.name != "organizations"}


def _named(facts: SpaceFacts) -> Sequence[uuid.UUID]:
    return () if facts.everybody else facts.organizations


def _check(facts: SpaceFacts) -> None:
    if not facts.name:
        raise Refused(_("Write a name"), "name")
    if not facts.everybody and not facts.organizations:
        raise Refused(_("Choose at least one client"), "organizations")
    if not 0 <= facts.due_hours <= LONGEST_DUE:
        raise Refused(_("Write a number from %(low)d to %(high)d", low=0, high=LONGEST_DUE), "due_hours")


def _name_organizations(ctx: Context, row: CommunitySpace, facts: SpaceFacts) -> None:
    ctx.session.execute(delete(CommunitySpaceOrganization).where(CommunitySpaceOrganization.space_id == row.id))
    ctx.session.add_all(
        CommunitySpaceOrganization(provider_id=ctx.provider_id, space_id=row.id, organization_id=organization_id)
        for organization_id in sorted(set(_named(facts)))
    )
    ctx.session.flush()


def _move_times(ctx: Context, row: CommunitySpace) -> None:
    """Give the topics of *row* that wait the time that the space promises now, the newest MOST_MOVED."""
    with clock.reading_calendars(ctx) as inner:
        waiting = scope(inner.actor, CommunityTopic).where(
            CommunityTopic.space_id == row.id, CommunityTopic.answered_at.is_(None)
        )
        for topic in inner.session.scalars(waiting.order_by(CommunityTopic.last_post_at.desc()).limit(MOST_MOVED)):
            clock.plan(inner, topic, row, again=True)
