"""Accounts, environments and departments as an actor may choose them."""

from collections.abc import Hashable, Sequence
from typing import Any

from sqlalchemy.orm import joinedload

from portal.authz.scopes import load, scope
from portal.kernel.actor import Actor, Id
from portal.kernel.config_cache import cached_config
from portal.kernel.context import Context
from portal.tenants.models import Account, AccountService, Department, Environment, Organization, Service
from portal.tenants.queries.finding import folded


def accounts(ctx: Context, limit: int = 500) -> Sequence[Account]:
    """Visible accounts with their organization, by name."""
    statement = scope(ctx.actor, Account).options(joinedload(Account.organization, innerjoin=True))
    return ctx.session.scalars(statement.order_by(folded(Account.name), Account.id).limit(limit)).all()


def account_by_key(ctx: Context, key: str) -> Account:
    """The visible account with *key*; NotFound otherwise."""
    return load(ctx, Account, Account.key == key.upper()[:10], options=[joinedload(Account.organization)])


def environments(ctx: Context, account_ids: Sequence[Id], limit: int = 500) -> Sequence[Environment]:
    """Active environments of *account_ids* that the actor may see, by name."""
    statement = scope(ctx.actor, Environment).where(Environment.account_id.in_(account_ids), Environment.active)
    return ctx.session.scalars(statement.order_by(folded(Environment.name), Environment.id).limit(limit)).all()


def departments(ctx: Context) -> Sequence[Any]:
    """Active departments, by name: rows of their columns."""

    def read() -> Sequence[Any]:
        rows = (
            scope(ctx.actor, Department)
            .where(Department.active)
            .order_by(folded(Department.name), Department.id)
            .limit(200)
        )
        return ctx.session.execute(rows.with_only_columns(*Department.__table__.columns)).all()

    return cached_config(ctx, "departments", read)


def reach(actor: Actor) -> Hashable:
    """What of *actor* decides which accounts and environments they see: the name of what is remembered of those."""
    if actor.is_contact:
        return actor.side, frozenset((row.account_id, row.environment_id) for row in actor.access)
    return actor.side, actor.all_accounts, actor.account_ids


def choices(ctx: Context, limit: int = 500) -> Sequence[Any]:
    """(id, key, name) of visible accounts, by name: what a filter offers."""
    actor = ctx.actor

    def read() -> Sequence[Any]:
        rows = scope(actor, Account).order_by(folded(Account.name), Account.id).limit(limit)
        return ctx.session.execute(rows.with_only_columns(Account.id, Account.key, Account.name)).all()

    return cached_config(ctx, ("accounts", reach(actor), limit), read)


def environment_choices(ctx: Context, account_ids: Sequence[Id], limit: int = 500) -> Sequence[Any]:
    """(id, name) of the active environments of *account_ids* that the actor may see, by name."""
    actor = ctx.actor

    def read() -> Sequence[Any]:
        rows = scope(actor, Environment).where(Environment.account_id.in_(account_ids), Environment.active)
        rows = rows.order_by(folded(Environment.name), Environment.id).limit(limit)
        return ctx.session.execute(rows.with_only_columns(Environment.id, Environment.name)).all()

    return cached_config(ctx, ("environments", reach(actor), tuple(account_ids), limit), read)


def services_of(ctx: Context, account_id: Id) -> set[Id]:
    """The services that an account has bought."""
    statement = scope(ctx.actor, AccountService).where(AccountService.account_id == account_id)
    return {row.service_id for row in ctx.session.scalars(statement)}


def services(ctx: Context) -> Sequence[Service]:
    return ctx.session.scalars(scope(ctx.actor, Service).order_by(folded(Service.name), Service.id).limit(200)).all()


def organization_by_slug(ctx: Context, slug: str) -> Organization:
    """The visible organization at /org/<slug>; NotFound otherwise."""
    return load(ctx, Organization, Organization.slug == slug[:60])
