"""What customers do about an announcement: it hits them, they follow it, they say whether it works again."""

from flask_babel import gettext as _
from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert

from portal.announcements import queries
from portal.announcements.actions.telling import ToldPlace
from portal.announcements.models import (
    Announcement,
    AnnouncementFollow,
    AnnouncementJoin,
)
from portal.announcements.rules import (
    JOINABLE,
    AnnouncementPlace,
    AnnouncementState,
)
from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record


def may_join(ctx: Context, row: Announcement) -> bool:
    """Whether the actor, whom *row* reaches, can say that it hits them: a customer, while it goes on or is planned."""
    return ctx.actor.is_contact and row.state == AnnouncementState.PUBLISHED and row.kind in JOINABLE


def join(ctx: Context, row: Announcement, place: AnnouncementPlace, *, impact: str) -> None:
    """Store that *row* hits the actor in *place*, an account or an environment of theirs, once for each place; they
    follow it from then on. Records `announcement.joined`. Raises Conflict where there is nothing to join."""
    require(ctx.actor, Permission.PORTAL_USE)
    if not may_join(ctx, row) or place.account_id is None or place.organization_id is None:
        raise Conflict(_("This announcement has ended."))
    statement = insert(AnnouncementJoin).values(
        id=ids.new_id(),
        provider_id=ctx.provider_id,
        announcement_id=row.id,
        user_id=ctx.actor.user_id,
        organization_id=place.organization_id,
        account_id=place.account_id,
        environment_id=place.environment_id,
        impact=impact,
        joined_at=ctx.now,
        answer="",
    )
    ctx.session.execute(
        statement.on_conflict_do_update(
            constraint="uq_announcement_joins_place", set_={"impact": statement.excluded.impact}
        )
    )
    if not queries.follow_modes(ctx, row):
        _choose(ctx, row, "follow")
    record(ctx, "announcement.joined", ToldPlace(row.id, place.organization_id, place.account_id), kind=row.kind)


def follow(ctx: Context, row: Announcement, mode: str) -> None:
    """Set what the actor hears of *row*: `follow`, `mute`, or '' (as of any other). Records `announcement.followed`
    (fact: mode)."""
    require(ctx.actor, Permission.PORTAL_USE)
    if mode not in ("", "follow", "mute"):
        raise Refused(_("Choose which notifications you want"), "mode")
    _choose(ctx, row, mode)
    record(ctx, "announcement.followed", row, mode=mode)


def _choose(ctx: Context, row: Announcement, mode: str) -> None:
    own = (AnnouncementFollow.announcement_id == row.id, AnnouncementFollow.user_id == ctx.actor.user_id)
    if not mode:
        ctx.session.execute(delete(AnnouncementFollow).where(*own))
        return
    statement = insert(AnnouncementFollow).values(
        id=ids.new_id(),
        provider_id=ctx.provider_id,
        announcement_id=row.id,
        user_id=ctx.actor.user_id,
        mode=mode,
    )
    ctx.session.execute(
        statement.on_conflict_do_update(
            index_elements=["announcement_id", "user_id"], set_={"mode": statement.excluded.mode}
        )
    )


def answer(ctx: Context, row: Announcement, said: str) -> None:
    """Store whether it works again for the actor, whom *row* hit, now that it is over: `works` or `broken`. Records
    `announcement.answered` (fact: said). Raises Conflict while it goes on, and for somebody who did not join."""
    require(ctx.actor, Permission.PORTAL_USE)
    if said not in ("works", "broken"):
        raise Refused(_("Choose one of the answers shown"), "answer")
    if row.state != AnnouncementState.ENDED:
        raise Conflict(_("This announcement goes on. You are asked when it is over."))
    own = (AnnouncementJoin.announcement_id == row.id, AnnouncementJoin.user_id == ctx.actor.user_id)
    told = ctx.session.execute(
        update(AnnouncementJoin).where(*own).values(answer=said, answered_at=ctx.now).returning(AnnouncementJoin.id)
    ).first()
    if told is None:
        raise Conflict(_("You did not say that it hits you."))
    record(ctx, "announcement.answered", row, said=said)
