"""The people of an organization as its identity provider sees them. The callers act as the system, but for the pages of
the administration."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from portal.authz.scopes import load, scope
from portal.identity.models import Address, User
from portal.kernel.context import Context
from portal.scim.engine.facts import PersonFacts
from portal.scim.models import ScimClient, ScimPerson
from portal.tenants.models import Contact, Organization

# A filter other than for one address or one external id is compared with at most so many people.
MOST_COMPARED = 2_000


def count_people(ctx: Context, organization: Organization) -> int:
    """How many people of *organization* its identity provider added or changed."""
    rows = scope(ctx.actor, ScimPerson).where(
        ScimPerson.organization_id == organization.id, ScimPerson.removed_at.is_(None)
    )
    return ctx.session.scalar(rows.with_only_columns(func.count())) or 0


def people_page(
    ctx: Context, client: ScimClient, *, where: Sequence[Any] = (), offset: int = 0, limit: int = MOST_COMPARED
) -> list[PersonFacts]:
    """People of the organization that it sees, the oldest first."""
    rows = _people(ctx, client).where(*where).order_by(Contact.id).offset(offset).limit(limit)
    return [_facts(row) for row in ctx.session.execute(rows)]


def count_visible(ctx: Context, client: ScimClient, where: Sequence[Any] = ()) -> int:
    """How many people it sees."""
    rows = _people(ctx, client).where(*where).with_only_columns(func.count())
    return ctx.session.scalar(rows) or 0


def person(ctx: Context, client: ScimClient, contact_id: uuid.UUID | None) -> PersonFacts | None:
    """One of them."""
    row = ctx.session.execute(_people(ctx, client).where(Contact.id == contact_id)).one_or_none()
    return _facts(row) if row is not None else None


def contact_of(ctx: Context, client: ScimClient, contact_id: uuid.UUID) -> Contact:
    """The contact, locked, with its user. NotFound for somebody of another organization."""
    where = (Contact.id == contact_id, Contact.organization_id == client.organization_id)
    load(ctx, Contact, *where, lock=True)
    return load(ctx, Contact, *where, options=[joinedload(Contact.user, innerjoin=True)])


def scim_person(ctx: Context, contact: Contact) -> ScimPerson | None:
    """What its identity provider calls *contact*."""
    return ctx.session.scalars(scope(ctx.actor, ScimPerson).where(ScimPerson.contact_id == contact.id)).one_or_none()


def has_address(email: str) -> Any:
    """The condition that a person's address is *email*."""
    mine = select(Address.id).where(Address.user_id == Contact.user_id, Address.email_folded == email.casefold())
    return mine.exists()


def has_external_id(external_id: str) -> Any:
    """The condition that the identity provider calls a person *external_id*."""
    return ScimPerson.external_id == external_id


def has_other_place(ctx: Context, contact: Contact) -> bool:
    """Whether the person has another place in an organization now."""
    others = scope(ctx.actor, Contact).where(
        Contact.user_id == contact.user_id, Contact.id != contact.id, Contact.active
    )
    return bool(ctx.session.scalar(select(others.with_only_columns(Contact.id).exists())))


def _people(ctx: Context, client: ScimClient) -> "Select[Any]":
    manager, boss = aliased(Contact), aliased(User)
    email = select(Address.email).where(Address.user_id == User.id).order_by(Address.id).limit(1).scalar_subquery()
    return (
        scope(ctx.actor, Contact)
        .join(User, User.id == Contact.user_id)
        .outerjoin(ScimPerson, ScimPerson.contact_id == Contact.id)
        .outerjoin(manager, and_(manager.id == Contact.reports_to_id, manager.active))
        .outerjoin(boss, boss.id == manager.user_id)
        .where(Contact.organization_id == client.organization_id)
        .where(or_(ScimPerson.id.is_(None), ScimPerson.removed_at.is_(None)))
        .with_only_columns(
            Contact.id,
            email.label("email"),
            User.name,
            Contact.title,
            User.phone,
            Contact.active,
            User.ended_at,
            ScimPerson.external_id,
            Contact.created_at,
            ScimPerson.changed_at,
            manager.id.label("manager_id"),
            boss.name.label("manager_name"),
        )
    )


def _facts(row: Any) -> PersonFacts:
    return PersonFacts(
        id=row.id,
        email=row.email or "",
        name=row.name,
        title=row.title,
        phone=row.phone,
        active=row.active and row.ended_at is None,
        external_id=row.external_id or "",
        created=row.created_at,
        changed=row.changed_at or row.created_at,
        manager_id=row.manager_id,
        manager_name=row.manager_name or "",
    )
