"""Who said that an announcement hits them, and who follows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, literal

from portal.announcements.models import (
    Announcement,
    AnnouncementFollow,
    AnnouncementJoin,
)
from portal.authz.scopes import scope
from portal.identity.models import User
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.system_context import as_system
from portal.tenants.models import Account, Environment

# The most people that the page of an announcement names.
MOST_JOINS = 200


@dataclass(frozen=True, slots=True)
class JoinCounts:
    """How many people and accounts said that an announcement hits them."""

    people: int
    accounts: int


def joins_of(ctx: Context, row: Announcement) -> Sequence[Any]:
    """Whom *row* hits, as far as the actor sees them, the first one first: ids and names, words and answers."""
    statement = (
        scope(ctx.actor, AnnouncementJoin)
        .where(AnnouncementJoin.announcement_id == row.id)
        .join(User, User.id == AnnouncementJoin.user_id)
        .join(Account, Account.id == AnnouncementJoin.account_id)
        .outerjoin(Environment, Environment.id == AnnouncementJoin.environment_id)
        .with_only_columns(
            *(User.name.label("person"), Account.name.label("account"), Environment.name.label("environment")),
            *(AnnouncementJoin.impact, AnnouncementJoin.joined_at, AnnouncementJoin.answer),
            literal(None).label("service"),
        )
        .order_by(AnnouncementJoin.id)
    )
    return ctx.session.execute(statement.limit(MOST_JOINS)).all()


def join_counts(ctx: Context, row: Announcement) -> JoinCounts:
    """How many *row* hits, outside the accounts of the actor too: numbers without names, for staff."""
    with as_system(ctx) as inner:
        rows = scope(inner.actor, AnnouncementJoin).where(AnnouncementJoin.announcement_id == row.id)
        people, accounts = (AnnouncementJoin.user_id.distinct(), AnnouncementJoin.account_id.distinct())
        found = inner.session.execute(rows.with_only_columns(func.count(people), func.count(accounts))).one()
    return JoinCounts(found[0], found[1])


def is_asked(ctx: Context, row: Announcement, user_id: Id) -> bool:
    """Whether somebody whom *row* hit has not said yet whether it works again."""
    rows = scope(ctx.actor, AnnouncementJoin).where(
        AnnouncementJoin.announcement_id == row.id, AnnouncementJoin.user_id == user_id, AnnouncementJoin.answer == ""
    )
    return ctx.session.scalar(rows.with_only_columns(AnnouncementJoin.id).limit(1)) is not None


def follow_modes(ctx: Context, row: Announcement) -> dict[Id, str]:
    """By person: `follow` or `mute`, as far as the actor sees them; whoever chose nothing is left out."""
    rows = scope(ctx.actor, AnnouncementFollow).where(AnnouncementFollow.announcement_id == row.id)
    found = rows.with_only_columns(AnnouncementFollow.user_id, AnnouncementFollow.mode)
    return {row.user_id: row.mode for row in ctx.session.execute(found)}


def own_mode(ctx: Context, row: Announcement) -> str:
    """What the actor chose to hear of *row*: `follow`, `mute`, or '' for nothing of its own."""
    return follow_modes(ctx, row).get(ctx.actor.user_id, "") if ctx.actor.user_id is not None else ""


def muted_announcements(ctx: Context) -> set[Id]:
    """The ids of the announcements of which the actor wants to hear nothing."""
    rows = scope(ctx.actor, AnnouncementFollow).where(AnnouncementFollow.mode == "mute")
    found = rows.with_only_columns(AnnouncementFollow.announcement_id).order_by(AnnouncementFollow.id.desc())
    return set(ctx.session.scalars(found.limit(500)))
