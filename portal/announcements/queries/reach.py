"""Whom an announcement reaches: its places, organizations and people."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from portal.announcements.models import (
    Announcement,
    AnnouncementTarget,
)
from portal.announcements.rules import (
    Reach,
)
from portal.authz.scopes import scope
from portal.identity.models import User
from portal.kernel.actor import Actor, Id
from portal.kernel.context import Context
from portal.tenants.models import AccountService, Contact, ContactAccess, Organization
from portal.tenants.queries import actors


def targets_of(ctx: Context, row: Announcement) -> Sequence[AnnouncementTarget]:
    """Those targets of *row* that the actor may see."""
    return ctx.session.scalars(
        scope(ctx.actor, AnnouncementTarget).where(AnnouncementTarget.announcement_id == row.id)
    ).all()


def count_targets(ctx: Context, row: Announcement) -> int:
    """How many targets *row* has, also outside the accounts of the actor, a member of staff."""
    statement = select(func.count()).where(AnnouncementTarget.announcement_id == row.id)
    return ctx.session.scalar(statement) or 0


def reach_of(ctx: Context, row: Announcement) -> Reach:
    """The places that *row* reaches. The system, or staff who look after all of them, ask."""
    if row.everybody:
        return Reach(everybody=True)
    targets = targets_of(ctx, row)
    accounts = {one.account_id for one in targets if one.account_id is not None and one.environment_id is None}
    services = {one.service_id for one in targets if one.service_id is not None}
    if services:
        bought = scope(ctx.actor, AccountService).where(AccountService.service_id.in_(services))
        accounts |= set(ctx.session.scalars(bought.with_only_columns(AccountService.account_id)))
    environments = {
        one.environment_id: one.account_id
        for one in targets
        if one.environment_id is not None and one.account_id is not None
    }
    return Reach(accounts=frozenset(accounts), environments=environments)


def _holds_access(reach: Reach) -> ColumnElement[bool]:
    """Whether an access row can be inside *reach*: `Reach.hits` decides."""
    if reach.everybody:
        return ContactAccess.id.is_not(None)
    places = {*reach.accounts, *reach.environments.values()}
    return ContactAccess.account_id.in_(places)


def reached_organizations(ctx: Context, reach: Reach) -> Sequence[Organization]:
    """The active organizations of the people whom *reach* reaches."""
    inside = exists().where(and_(ContactAccess.organization_id == Organization.id, _holds_access(reach)))
    rows = scope(ctx.actor, Organization).where(Organization.active, inside)
    return ctx.session.scalars(rows.order_by(Organization.id)).all()


def count_reached_people(ctx: Context, reach: Reach) -> int:
    """How many people *reach* reaches, as `Reach.hits` says it, in organizations that are active."""
    inside: ColumnElement[bool] = ContactAccess.id.is_not(None)
    if not reach.everybody:
        whole = ContactAccess.environment_id.is_(None)
        inside = or_(
            ContactAccess.account_id.in_(reach.accounts),
            ContactAccess.environment_id.in_(list(reach.environments)),
            and_(whole, ContactAccess.account_id.in_(list(reach.environments.values()))),
        )
    people = (
        scope(ctx.actor, Contact)
        .join(ContactAccess, ContactAccess.contact_id == Contact.id)
        .join(Organization, Organization.id == Contact.organization_id)
        .join(User, User.id == Contact.user_id)
        .where(Contact.active, Organization.active, User.ended_at.is_(None), inside)
    )
    return ctx.session.scalar(people.with_only_columns(func.count(Contact.user_id.distinct()))) or 0


def reached_people(
    ctx: Context, reach: Reach, organization_id: Id | None = None, *, only: Id | None = None
) -> list[tuple[User, Actor]]:
    """The people whom *reach* reaches, as they act on the portal; with *organization_id* those who are reached through
    it first, so that nobody is found in two organizations; with *only* at most this person."""
    contacts = (
        scope(ctx.actor, Contact)
        .join(ContactAccess, ContactAccess.contact_id == Contact.id)
        .where(Contact.active, _holds_access(reach))
    )
    if organization_id is not None:
        contacts = contacts.where(Contact.organization_id == organization_id)
    if only is not None:
        contacts = contacts.where(Contact.user_id == only)
    wanted = contacts.with_only_columns(Contact.user_id)
    people = ctx.session.scalars(
        scope(ctx.actor, User).where(User.id.in_(wanted), User.ended_at.is_(None)).order_by(User.id)
    ).all()
    on_portal = actors.contact_actors(ctx, people)
    found = []
    for person in people:
        actor = on_portal[person.id]
        through = reach.first_organization(actor.access)
        if through is not None and organization_id in (None, through):
            found.append((person, actor))
    return found
