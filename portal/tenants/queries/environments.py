"""Reads of environments."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func

from portal.authz.scopes import load, scope
from portal.kernel.actor import Id
from portal.kernel.config_cache import cached_config, for_accounts
from portal.kernel.context import Context
from portal.kernel.paging import Page, fetch_page_of
from portal.tenants.models import (
    Account,
    Environment,
    Organization,
)
from portal.tenants.queries.name_search import fold_column, name_matches

SIZE = 50


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
        statement = statement.where(
            name_matches(q, fold_column(Environment.name), fold_column(Account.name), func.lower(Account.key))
        )
    statement = statement.order_by(fold_column(Account.name), fold_column(Environment.name), Environment.id)
    return fetch_page_of(ctx.session, statement, number, SIZE, scalars=False)


def environments_of(ctx: Context, account_ids: Sequence[Id], limit: int = 500) -> Sequence[Environment]:
    """All visible environments of *account_ids*, the active ones first, by name."""
    statement = scope(ctx.actor, Environment).where(Environment.account_id.in_(account_ids))
    return ctx.session.scalars(
        statement.order_by(Environment.active.desc(), fold_column(Environment.name), Environment.id).limit(limit)
    ).all()


def environment(ctx: Context, environment_id: uuid.UUID, *, lock: bool = False) -> Environment:
    """One visible environment; NotFound otherwise."""
    return load(ctx, Environment, Environment.id == environment_id, lock=lock)


def active_environments(ctx: Context, account_ids: Sequence[Id], limit: int = 500) -> Sequence[Environment]:
    """Active environments of *account_ids* that the actor may see, by name."""
    statement = scope(ctx.actor, Environment).where(Environment.account_id.in_(account_ids), Environment.active)
    return ctx.session.scalars(statement.order_by(fold_column(Environment.name), Environment.id).limit(limit)).all()


def environment_choices(ctx: Context, account_ids: Sequence[Id], limit: int = 500) -> Sequence[Any]:
    """(id, name) of the active environments of *account_ids* that the actor may see, by name."""
    return cached_config(ctx, for_accounts, _read_environment_choices, tuple(account_ids), limit)


def _read_environment_choices(ctx: Context, account_ids: tuple[Id, ...], limit: int) -> Sequence[Any]:
    rows = scope(ctx.actor, Environment).where(Environment.account_id.in_(account_ids), Environment.active)
    rows = rows.order_by(fold_column(Environment.name), Environment.id).limit(limit)
    return ctx.session.execute(rows.with_only_columns(Environment.id, Environment.name)).all()
