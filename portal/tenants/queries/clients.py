"""Organizations, accounts and environments as administrators list them. Every read starts at a scope."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from portal.authz.scopes import load, scope
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page, paged
from portal.tenants.models import Account, AccountAlias, Contact, Environment, Organization
from portal.tenants.queries.finding import folded, named

SIZE = 50


def spelled(word: str) -> str:
    """*word* of an address; NotFound for what no slug and no key can hold."""
    if len(word) > 60 or not word.isprintable():
        raise NotFound
    return word


def organizations_page(ctx: Context, *, q: str = "", active: bool = True, number: int = 1) -> Page[Organization]:
    """Visible organizations by name, those that work or those that were archived."""
    statement = scope(ctx.actor, Organization).where(Organization.active.is_(active))
    if q:
        statement = statement.where(named(q, folded(Organization.name), Organization.slug))
    return paged(ctx.session, statement.order_by(folded(Organization.name), Organization.id), number, SIZE)


def organization_choices(ctx: Context, limit: int = 1000) -> Sequence[Organization]:
    """Active organizations by name, to choose from."""
    statement = scope(ctx.actor, Organization).where(Organization.active)
    return ctx.session.scalars(statement.order_by(folded(Organization.name), Organization.id).limit(limit)).all()


def organization(ctx: Context, slug: str, *, lock: bool = False) -> Organization:
    """The visible organization with *slug*; NotFound otherwise."""
    return load(ctx, Organization, Organization.slug == spelled(slug), lock=lock)


def counts(ctx: Context, organization_ids: Sequence[Id]) -> dict[Id, tuple[int, int]]:
    """(accounts, people) of each organization, as far as the actor sees them: two statements for any number."""
    accounts = _count(ctx, Account, organization_ids)
    people = _count(ctx, Contact, organization_ids, Contact.active)
    return {i: (accounts.get(i, 0), people.get(i, 0)) for i in organization_ids}


def _count(ctx: Context, model: type[Any], organization_ids: Sequence[Id], *where: Any) -> dict[Id, int]:
    rows = scope(ctx.actor, model).where(model.organization_id.in_(organization_ids), *where)
    inner = rows.subquery()
    statement = select(inner.c.organization_id, func.count()).group_by(inner.c.organization_id)
    return {row[0]: row[1] for row in ctx.session.execute(statement)}


def accounts_page(ctx: Context, *, q: str = "", number: int = 1) -> Page[Account]:
    """Visible accounts with their organization, by name."""
    statement = scope(ctx.actor, Account).join(Organization, Organization.id == Account.organization_id)
    if q:
        words = named(q, folded(Account.name), func.lower(Account.key), folded(Organization.name))
        statement = statement.where(words)
    statement = statement.options(joinedload(Account.organization, innerjoin=True))
    return paged(ctx.session, statement.order_by(folded(Account.name), Account.id), number, SIZE)


def accounts_of(ctx: Context, organization: Organization, limit: int = 500) -> Sequence[Account]:
    """The visible accounts of one organization, by name."""
    statement = scope(ctx.actor, Account).where(Account.organization_id == organization.id)
    return ctx.session.scalars(statement.order_by(folded(Account.name), Account.id).limit(limit)).all()


def account(ctx: Context, key: str, *, lock: bool = False) -> Account:
    """The visible account with *key*; NotFound otherwise."""
    options = [] if lock else [joinedload(Account.organization, innerjoin=True)]
    return load(ctx, Account, Account.key == spelled(key).upper(), lock=lock, options=options)


def renamed_account(ctx: Context, key: str) -> Account | None:
    """The visible account that was once called *key*."""
    former = select(AccountAlias.account_id).where(
        AccountAlias.provider_id == ctx.provider_id, AccountAlias.key == spelled(key).upper()
    )
    return ctx.session.scalars(scope(ctx.actor, Account).where(Account.id.in_(former))).one_or_none()


def former_keys(ctx: Context, account: Account) -> Sequence[str]:
    """The keys that *account* had before."""
    rows = scope(ctx.actor, AccountAlias).where(AccountAlias.account_id == account.id).order_by(AccountAlias.id)
    return [row.key for row in ctx.session.scalars(rows.limit(50))]


def environments_page(
    ctx: Context, *, q: str = "", kind: str = "", active: bool = True, number: int = 1
) -> Page[tuple[Environment, Account, Organization]]:
    """Visible environments over all accounts, with account and organization."""
    statement = (
        scope(ctx.actor, Environment)
        .where(Environment.active.is_(active))
        .join(Account, Account.id == Environment.account_id)
        .join(Organization, Organization.id == Environment.organization_id)
        .add_columns(Account, Organization)
    )
    if kind:
        statement = statement.where(Environment.kind == kind)
    if q:
        statement = statement.where(named(q, folded(Environment.name), folded(Account.name), func.lower(Account.key)))
    statement = statement.order_by(folded(Account.name), folded(Environment.name), Environment.id)
    return paged(ctx.session, statement, number, SIZE, scalars=False)


def environments_of(ctx: Context, account_ids: Sequence[Id], limit: int = 500) -> Sequence[Environment]:
    """All visible environments of *account_ids*, the active ones first, by name."""
    statement = scope(ctx.actor, Environment).where(Environment.account_id.in_(account_ids))
    return ctx.session.scalars(
        statement.order_by(Environment.active.desc(), folded(Environment.name), Environment.id).limit(limit)
    ).all()


def environment(ctx: Context, environment_id: uuid.UUID, *, lock: bool = False) -> Environment:
    """One visible environment; NotFound otherwise."""
    return load(ctx, Environment, Environment.id == environment_id, lock=lock)


def account_of(ctx: Context, environment: Environment) -> Account:
    """The account that *environment* belongs to, with its organization."""
    return load(
        ctx, Account, Account.id == environment.account_id, options=[joinedload(Account.organization, innerjoin=True)]
    )
