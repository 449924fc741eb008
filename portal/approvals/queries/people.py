"""People and clients that rules name. Every read starts at a scope."""

from collections.abc import Iterable

from sqlalchemy import func

from portal.approvals.models import ApprovalRule
from portal.authz.scopes import scope
from portal.identity.models import Address, User
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.tenants.models import Account, Contact, Organization


def organization_named(ctx: Context, name: str) -> Organization | None:
    """The active organization with that name or address word, whatever its capitals; None without one."""
    rows = scope(ctx.actor, Organization).where(
        Organization.active, (func.lower(Organization.name) == name.casefold()) | (Organization.slug == name.casefold())
    )
    return ctx.session.scalars(rows.order_by(Organization.id).limit(1)).one_or_none()


def find_approver(ctx: Context, email: str, organization_id: Id | None) -> Id | None:
    """The user with *email* who is an active contact (of the organization, where one is given); None for anybody
    else."""
    members = scope(ctx.actor, Contact).where(Contact.active)
    if organization_id is not None:
        members = members.where(Contact.organization_id == organization_id)
    rows = (
        members.join(Address, Address.user_id == Contact.user_id)
        .where(Address.email_folded == email.casefold())
        .order_by(Address.claimed, Contact.user_id)
        .with_only_columns(Contact.user_id)
    )
    return ctx.session.scalars(rows.limit(1)).first()


def addresses_by_user(ctx: Context, user_ids: Iterable[Id]) -> dict[Id, str]:
    """The first address of each of *user_ids*, for a form that names them. One statement."""
    wanted = list(user_ids)
    if not wanted:
        return {}
    rows = (
        scope(ctx.actor, User)
        .join(Address, Address.user_id == User.id)
        .where(User.id.in_(wanted))
        .order_by(User.id, Address.id.desc())
        .with_only_columns(User.id, Address.email)
    )
    return {row[0]: row[1] for row in ctx.session.execute(rows)}


def names_by_user(ctx: Context, user_ids: Iterable[Id]) -> dict[Id, str]:
    """The names of *user_ids*. One statement; none for nobody."""
    wanted = list(user_ids)
    if not wanted:
        return {}
    rows = scope(ctx.actor, User).where(User.id.in_(wanted)).with_only_columns(User.id, User.name)
    return {row[0]: row[1] for row in ctx.session.execute(rows)}


def place_names(ctx: Context, rules: Iterable[ApprovalRule]) -> dict[Id, str]:
    """The names of the organizations, and the keys of the accounts, of *rules*, by id. Two statements."""
    rows = list(rules)
    organizations = {one.organization_id for one in rows if one.organization_id}
    accounts = {one.account_id for one in rows if one.account_id}
    found: dict[Id, str] = {}
    if organizations:
        named = scope(ctx.actor, Organization).where(Organization.id.in_(organizations))
        columns = named.with_only_columns(Organization.id, Organization.name)
        found |= {row[0]: row[1] for row in ctx.session.execute(columns)}
    if accounts:
        keyed = scope(ctx.actor, Account).where(Account.id.in_(accounts)).with_only_columns(Account.id, Account.key)
        found |= {row[0]: row[1] for row in ctx.session.execute(keyed)}
    return found


def user_of_contact(ctx: Context, organization_id: Id, contact_id: Id | None) -> Id | None:
    """The user of a contact of the organization; None for any other id."""
    if contact_id is None:
        return None
    rows = scope(ctx.actor, Contact).where(Contact.id == contact_id, Contact.organization_id == organization_id)
    return ctx.session.scalar(rows.with_only_columns(Contact.user_id))
