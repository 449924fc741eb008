"""Accounts, environments and departments as an actor may choose them."""

from collections.abc import Sequence

from sqlalchemy.orm import joinedload

from portal.authz.scopes import load, scope
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.tenants.models import Account, AccountService, Department, Environment, Organization, Service


def accounts(ctx: Context, limit: int = 500) -> Sequence[Account]:
    """Visible accounts with their organization, by name."""
    statement = scope(ctx.actor, Account).options(joinedload(Account.organization, innerjoin=True))
    return ctx.session.scalars(statement.order_by(Account.name, Account.id).limit(limit)).all()


def account_by_key(ctx: Context, key: str) -> Account:
    """The visible account with *key*; NotFound otherwise."""
    return load(ctx, Account, Account.key == key.upper()[:10], options=[joinedload(Account.organization)])


def environments(ctx: Context, account_ids: Sequence[Id], limit: int = 500) -> Sequence[Environment]:
    """Active environments of *account_ids* that the actor may see, by name."""
    statement = scope(ctx.actor, Environment).where(Environment.account_id.in_(account_ids), Environment.active)
    return ctx.session.scalars(statement.order_by(Environment.name).limit(limit)).all()


def departments(ctx: Context) -> Sequence[Department]:
    statement = scope(ctx.actor, Department).where(Department.active)
    return ctx.session.scalars(statement.order_by(Department.name).limit(200)).all()


def services_of(ctx: Context, account_id: Id) -> set[Id]:
    """The services that an account has bought."""
    statement = scope(ctx.actor, AccountService).where(AccountService.account_id == account_id)
    return {row.service_id for row in ctx.session.scalars(statement)}


def services(ctx: Context) -> Sequence[Service]:
    return ctx.session.scalars(scope(ctx.actor, Service).order_by(Service.name).limit(200)).all()


def organization_by_slug(ctx: Context, slug: str) -> Organization:
    """The visible organization at /org/<slug>; NotFound otherwise."""
    return load(ctx, Organization, Organization.slug == slug[:60])
