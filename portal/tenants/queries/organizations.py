"""Reads of organizations."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from portal.authz.scopes import load, scope
from portal.kernel.actor import Id
from portal.kernel.config_cache import cached_config, for_accounts
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page, fetch_page_of
from portal.tenants.models import Account, Contact, Organization
from portal.tenants.queries.name_search import fold_column, name_matches

SIZE = 50


def check_url_word(word: str) -> str:
    """*word* of an address; NotFound for what no slug and no key can hold."""
    if len(word) > 60 or not word.isprintable():
        raise NotFound
    return word


def organizations_page(ctx: Context, *, q: str = "", active: bool = True, number: int = 1) -> Page[Organization]:
    """Visible organizations by name, those that work or those that were archived."""
    statement = scope(ctx.actor, Organization).where(Organization.active.is_(active))
    if q:
        statement = statement.where(name_matches(q, fold_column(Organization.name), Organization.slug))
    return fetch_page_of(ctx.session, statement.order_by(fold_column(Organization.name), Organization.id), number, SIZE)


def organization_choices(ctx: Context, limit: int = 1000) -> Sequence[Organization]:
    """Active organizations by name, to choose from."""
    statement = scope(ctx.actor, Organization).where(Organization.active)
    return ctx.session.scalars(statement.order_by(fold_column(Organization.name), Organization.id).limit(limit)).all()


def organization_names(ctx: Context, limit: int = 500) -> Sequence[Any]:
    """(id, name) of visible active organizations, by name, for a filter."""
    return cached_config(ctx, for_accounts, _read_organization_names, limit)


def _read_organization_names(ctx: Context, limit: int) -> Sequence[Any]:
    rows = scope(ctx.actor, Organization).where(Organization.active)
    rows = rows.order_by(fold_column(Organization.name), Organization.id).limit(limit)
    return ctx.session.execute(rows.with_only_columns(Organization.id, Organization.name)).all()


def organization(ctx: Context, slug: str, *, lock: bool = False) -> Organization:
    """The visible organization with *slug*; NotFound otherwise."""
    return load(ctx, Organization, Organization.slug == check_url_word(slug), lock=lock)


def organization_by_id(ctx: Context, organization_id: Id) -> Organization:
    """The visible organization with this id; NotFound otherwise."""
    return load(ctx, Organization, Organization.id == organization_id)


def organization_counts(ctx: Context, organization_ids: Sequence[Id]) -> dict[Id, tuple[int, int]]:
    """(accounts, people) of each organization, as far as the actor sees them: two statements for any number."""
    accounts = _count_by_organization(ctx, Account, organization_ids)
    people = _count_by_organization(ctx, Contact, organization_ids, Contact.active)
    return {i: (accounts.get(i, 0), people.get(i, 0)) for i in organization_ids}


def _count_by_organization(
    ctx: Context, model: type[Any], organization_ids: Sequence[Id], *where: Any
) -> dict[Id, int]:
    rows = scope(ctx.actor, model).where(model.organization_id.in_(organization_ids), *where)
    inner = rows.subquery()
    statement = select(inner.c.organization_id, func.count()).group_by(inner.c.organization_id)
    return {row[0]: row[1] for row in ctx.session.execute(statement)}
