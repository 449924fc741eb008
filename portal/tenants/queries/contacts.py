"""Reads of the people of an organization: what they may do and whether they can sign in."""

import uuid
from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from portal.authz.scopes import load, scope
from portal.identity.models import Address, User
from portal.kernel import text
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page, fetch_page_of
from portal.tenants.models import AccessSource, Account, Contact, ContactAccess, Organization, StaffMember
from portal.tenants.queries import accounts as account_queries
from portal.tenants.queries import environments as environment_queries

SIZE = 50


def _with_access() -> list[object]:
    return [
        selectinload(Contact.access).joinedload(ContactAccess.account, innerjoin=True),
        selectinload(Contact.access).joinedload(ContactAccess.environment),
    ]


def contacts_page(
    ctx: Context, organization: Organization, *, q: str = "", role: str = "", active: bool = True, number: int = 1
) -> Page[Contact]:
    """Visible people of *organization* by name, with user and access; words of *q* match name or address."""
    statement = (
        scope(ctx.actor, Contact)
        .join(User, User.id == Contact.user_id)
        .where(Contact.organization_id == organization.id, Contact.active.is_(active))
        .options(contains_eager(Contact.user), *_with_access())  # type: ignore[arg-type]
    )
    for word in text.folded_words(q[:200]):
        address = exists().where(Address.user_id == User.id, Address.email_folded.contains(word, autoescape=True))
        statement = statement.where(or_(User.name_folded.contains(word, autoescape=True), address))
    if role:
        statement = statement.where(exists().where(ContactAccess.contact_id == Contact.id, ContactAccess.role == role))
    return fetch_page_of(ctx.session, statement.order_by(User.name_folded, Contact.id), number, SIZE)


def contact(ctx: Context, organization: Organization, contact_id: uuid.UUID, *, lock: bool = False) -> Contact:
    """One visible person of *organization*; NotFound otherwise. *lock* takes the row before it is read again."""
    where = (Contact.organization_id == organization.id, Contact.id == contact_id)
    if lock:
        load(ctx, Contact, *where, lock=True)
    return load(ctx, Contact, *where, options=[joinedload(Contact.user, innerjoin=True), *_with_access()])


def member_by_email(ctx: Context, organization_id: uuid.UUID, email: str, *, former: bool = False) -> User | None:
    """The member of the organization with the address *email*, whether they hold or claim it; *former* ones too."""
    statement = (
        select(User)
        .join(Address, Address.user_id == User.id)
        .join(Contact, Contact.user_id == User.id)
        .where(
            Address.provider_id == ctx.provider_id,
            Address.email_folded == email.casefold(),
            Contact.organization_id == organization_id,
        )
    )
    if not former:
        statement = statement.where(Contact.active)
    return ctx.session.scalars(statement.order_by(Contact.active.desc(), Address.claimed).limit(1)).one_or_none()


def administrators(ctx: Context, organization: Organization, limit: int = 3) -> Sequence[str]:
    """The names of people who look after *organization*, as far as the actor sees them: whom a refusal names."""
    looks_after = exists().where(ContactAccess.contact_id == Contact.id, ContactAccess.role == "organization_admin")
    statement = (
        scope(ctx.actor, Contact)
        .join(User, User.id == Contact.user_id)
        .where(Contact.organization_id == organization.id, Contact.active, looks_after)
        .options(contains_eager(Contact.user))
        .order_by(User.name_folded)
        .limit(limit)
    )
    return [row.user.name for row in ctx.session.scalars(statement)]


def only_organization(ctx: Context, user_id: uuid.UUID) -> uuid.UUID | None:
    """The organization of a person who belongs to one and is not of the staff; None for everybody else. Asked by the
    system: others do not see every place of a person."""
    places = scope(ctx.actor, Contact).where(Contact.user_id == user_id, Contact.active)
    staff = scope(ctx.actor, StaffMember).where(StaffMember.user_id == user_id)
    rows = places.where(~staff.exists()).with_only_columns(Contact.organization_id).limit(2)
    found = ctx.session.scalars(rows).all()
    return found[0] if len(found) == 1 else None


def pending_count(ctx: Context, organization: Organization) -> int:
    """How many people were invited and have not signed in yet."""
    rows = (
        scope(ctx.actor, Contact)
        .join(User, User.id == Contact.user_id)
        .where(Contact.organization_id == organization.id, Contact.active, User.invited_at.is_not(None))
        .where(~User.password.has())
        .with_only_columns(func.count())
    )
    return ctx.session.scalar(rows) or 0


def access_choices(ctx: Context, accounts: Sequence[Account], person: Contact | None = None) -> list[tuple[str, str]]:
    """(value, name) of what access can be given to: each of *accounts* as a whole, then its environments one by one.

    The value is what `Grant.parse` reads. *person* keeps a retired environment that they hold, and is not offered an
    account in which a group of the identity provider gives their role.
    """
    environments = environment_queries.environments_of(ctx, [account.id for account in accounts])
    kept = {row.environment_id for row in person.access} if person else set()
    by_group = {row.account_id for row in person.access if row.source == AccessSource.GROUP} if person else set()
    found: list[tuple[str, str]] = []
    for account in accounts:
        if account.id not in by_group:
            name = _("%(account)s (%(key)s): the whole account", account=account.name, key=account.key)
            found.append((str(account.id), name))
        for row in environments:
            if row.account_id == account.id and (row.active or row.id in kept):
                name = _("%(account)s: only %(environment)s", account=account.name, environment=row.name)
                found.append((f"{account.id}/{row.id}", name))
    return found


def place_names(ctx: Context, organization: Organization, value: str) -> tuple[str, str]:
    """(account key, name of the environment or '') of a *value* of `access_choices`; NotFound for any other."""
    account_part, _slash, environment_part = value.partition("/")
    account = next((row for row in account_queries.accounts_of(ctx, organization) if str(row.id) == account_part), None)
    if account is None:
        raise NotFound
    if not environment_part:
        return account.key, ""
    environments = environment_queries.environments_of(ctx, [account.id])
    found = next((row.name for row in environments if str(row.id) == environment_part), None)
    if found is None:
        raise NotFound
    return account.key, found
