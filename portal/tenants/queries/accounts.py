"""Reads of service accounts."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from portal.authz.scopes import load, scope
from portal.kernel.config_cache import cached_config, for_accounts
from portal.kernel.context import Context
from portal.kernel.paging import Page, fetch_page_of
from portal.tenants.models import Account, AccountAlias, Environment, Organization
from portal.tenants.queries.name_search import fold_column, name_matches
from portal.tenants.queries.organizations import check_url_word

SIZE = 50


def accounts_page(ctx: Context, *, q: str = "", number: int = 1) -> Page[Account]:
    """Visible accounts with their organization, by name."""
    statement = scope(ctx.actor, Account).join(Organization, Organization.id == Account.organization_id)
    if q:
        words = name_matches(q, fold_column(Account.name), func.lower(Account.key), fold_column(Organization.name))
        statement = statement.where(words)
    statement = statement.options(joinedload(Account.organization, innerjoin=True))
    return fetch_page_of(ctx.session, statement.order_by(fold_column(Account.name), Account.id), number, SIZE)


def accounts_of(ctx: Context, organization: Organization, limit: int = 500) -> Sequence[Account]:
    """The visible accounts of one organization, by name."""
    statement = scope(ctx.actor, Account).where(Account.organization_id == organization.id)
    return ctx.session.scalars(statement.order_by(fold_column(Account.name), Account.id).limit(limit)).all()


def account(ctx: Context, key: str, *, lock: bool = False) -> Account:
    """The visible account with *key*; NotFound otherwise."""
    options = [] if lock else [joinedload(Account.organization, innerjoin=True)]
    return load(ctx, Account, Account.key == check_url_word(key).upper(), lock=lock, options=options)


def renamed_account(ctx: Context, key: str) -> Account | None:
    """The visible account that was once called *key*."""
    former = select(AccountAlias.account_id).where(
        AccountAlias.provider_id == ctx.provider_id, AccountAlias.key == check_url_word(key).upper()
    )
    return ctx.session.scalars(scope(ctx.actor, Account).where(Account.id.in_(former))).one_or_none()


def former_keys(ctx: Context, account: Account) -> Sequence[str]:
    """The keys that *account* had before."""
    rows = scope(ctx.actor, AccountAlias).where(AccountAlias.account_id == account.id).order_by(AccountAlias.id)
    return [row.key for row in ctx.session.scalars(rows.limit(50))]


def account_of(ctx: Context, environment: Environment) -> Account:
    """The account that *environment* belongs to, with its organization."""
    return load(
        ctx, Account, Account.id == environment.account_id, options=[joinedload(Account.organization, innerjoin=True)]
    )


def list_accounts(ctx: Context, limit: int = 500) -> Sequence[Account]:
    """Visible accounts with their organization, by name."""
    statement = scope(ctx.actor, Account).options(joinedload(Account.organization, innerjoin=True))
    return ctx.session.scalars(statement.order_by(fold_column(Account.name), Account.id).limit(limit)).all()


def managed_accounts(ctx: Context, staff_id: uuid.UUID) -> Sequence[Account]:
    """The visible accounts whose manager is this staff member, by name."""
    rows = scope(ctx.actor, Account).where(Account.manager_id == staff_id)
    return ctx.session.scalars(rows.order_by(fold_column(Account.name), Account.id)).all()


def account_by_key(ctx: Context, key: str) -> Account:
    """The visible account with *key*; NotFound otherwise."""
    return load(ctx, Account, Account.key == key.upper()[:10], options=[joinedload(Account.organization)])


def account_with_id(ctx: Context, account_id: uuid.UUID) -> Account | None:
    """The visible account with this id; None for any other."""
    rows = scope(ctx.actor, Account).where(Account.id == account_id).options(joinedload(Account.organization))
    return ctx.session.scalars(rows).one_or_none()


def account_choices(ctx: Context, limit: int = 500) -> Sequence[Any]:
    """(id, key, name, organization_id) of visible accounts, by name, for a filter."""
    return cached_config(ctx, for_accounts, _read_account_choices, limit)


def _read_account_choices(ctx: Context, limit: int) -> Sequence[Any]:
    rows = scope(ctx.actor, Account).order_by(fold_column(Account.name), Account.id).limit(limit)
    return ctx.session.execute(
        rows.with_only_columns(Account.id, Account.key, Account.name, Account.organization_id)
    ).all()
