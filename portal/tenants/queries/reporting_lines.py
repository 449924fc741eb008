"""Reporting lines of an organization: who reports to whom, and over how many levels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Uuid, and_, case, func, literal, null, or_, select
from sqlalchemy.orm import aliased

from portal.authz.scopes import scope
from portal.identity.models import User
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.text import folded_words
from portal.tenants.models import Contact, Organization

# The longest line, in steps from the lowest person to the highest manager.
MOST_LEVELS = 8
# The values of Organization.managers_see beside '', with the number of levels that a manager looks down.
LEVELS = {"direct": 1, "line": MOST_LEVELS}
# The people of a line that a page names.
NAMED = 50


def reports_seen() -> ColumnElement[Any]:
    """The user ids of the active people whose cases the contact of a row (contacts joined to organizations) sees as
    their manager; NULL where the organization does not let managers see any."""
    below = [
        (Organization.managers_see == value, func.reports_below(Contact.id, levels, type_=ARRAY(Uuid())))
        for value, levels in LEVELS.items()
    ]
    return case(*below, else_=null())


def manager_of(ctx: Context, organization_id: Id, user_id: Id) -> tuple[Id, str] | None:
    """(user id, name) of the manager of a member of the organization; None without one, and for one whose place ended.
    One statement."""
    member = scope(ctx.actor, Contact).where(
        Contact.organization_id == organization_id, Contact.user_id == user_id, Contact.active
    )
    rows = (
        scope(ctx.actor, Contact)
        .join(User, User.id == Contact.user_id)
        .where(Contact.id.in_(member.with_only_columns(Contact.reports_to_id)), Contact.active, User.ended_at.is_(None))
        .with_only_columns(User.id, User.name)
    )
    found = ctx.session.execute(rows).first()
    return (found[0], found[1]) if found else None


@dataclass(frozen=True, slots=True)
class Peer:
    """A place in the organization and the name of its person."""

    contact_id: Id
    name: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class ReportingLine:
    """The nearest people of a line: the manager, and by name at most NAMED + 1 of those who report to the person."""

    manager: Peer | None
    reports: list[Peer]


def line_of(ctx: Context, contact: Contact) -> ReportingLine:
    """The line around *contact*, as far as the actor sees its people. A manager whose place has ended is in it. One
    statement."""
    above = Contact.id == contact.reports_to_id
    below = and_(Contact.reports_to_id == contact.id, Contact.active)
    rows = (
        scope(ctx.actor, Contact)
        .join(User, User.id == Contact.user_id)
        .where(Contact.organization_id == contact.organization_id, or_(above, below))
        .order_by(above.desc().nulls_last(), User.name_folded, Contact.id)
        .with_only_columns(Contact.id, User.name, Contact.active)
    )
    found = [Peer(*row) for row in ctx.session.execute(rows.limit(NAMED + 2))]
    manager = next((peer for peer in found if peer.contact_id == contact.reports_to_id), None)
    return ReportingLine(manager, [peer for peer in found if peer is not manager])


def managers(ctx: Context, organization: Organization, limit: int) -> list[str]:
    """The names of the active visible people of *organization* to whom somebody active reports, by name."""
    below = aliased(Contact)
    rows = (
        scope(ctx.actor, Contact)
        .join(User, User.id == Contact.user_id)
        .where(Contact.organization_id == organization.id, Contact.active)
        .where(select(below.id).where(below.reports_to_id == Contact.id, below.active).exists())
        .order_by(User.name_folded, Contact.id)
        .with_only_columns(User.name)
    )
    return list(ctx.session.scalars(rows.limit(limit)))


def possible_managers(ctx: Context, contact: Contact, limit: int, *, words: str = "") -> Sequence[tuple[str, str]]:
    """(contact id, name) of the active visible colleagues to whom *contact* could report, by name: everybody but the
    person and those below them. *words*: the name has each of them. At most *limit*."""
    rows = (
        scope(ctx.actor, Contact)
        .join(User, User.id == Contact.user_id)
        .where(Contact.organization_id == contact.organization_id, Contact.active)
        .where(Contact.id.not_in([contact.id, *(one for one, _level in places_below(ctx, contact.id))]))
        .order_by(User.name_folded, Contact.id)
        .with_only_columns(Contact.id, User.name)
    )
    for word in folded_words(words[:200]):
        rows = rows.where(User.name_folded.contains(word, autoescape=True))
    return [(str(contact_id), name) for contact_id, name in ctx.session.execute(rows.limit(limit))]


def places_below(ctx: Context, contact_id: Id) -> list[tuple[Id, int]]:
    """(contact id, level) of every place below, former ones too, whoever sees them. One statement."""
    below = select(Contact.id, literal(1).label("level")).where(Contact.reports_to_id == contact_id).cte(recursive=True)
    further = aliased(Contact)
    below = below.union_all(
        select(further.id, below.c.level + 1)
        .join(below, further.reports_to_id == below.c.id)
        .where(below.c.level < 2 * MOST_LEVELS)
    )
    return [(one, level) for one, level in ctx.session.execute(select(below.c.id, below.c.level))]


def places_above(ctx: Context, contact_id: Id) -> list[Id]:
    """The places that *contact_id* reports to, the nearest first, former ones too, whoever sees them. One statement."""
    above = (
        select(Contact.reports_to_id.label("id"), literal(1).label("level"))
        .where(Contact.id == contact_id, Contact.reports_to_id.is_not(None))
        .cte(recursive=True)
    )
    further = aliased(Contact)
    above = above.union_all(
        select(further.reports_to_id, above.c.level + 1)
        .join(above, further.id == above.c.id)
        .where(further.reports_to_id.is_not(None), above.c.level < 2 * MOST_LEVELS)
    )
    return list(ctx.session.scalars(select(above.c.id).order_by(above.c.level)))
