"""Reads of services."""

import uuid
from collections.abc import Sequence

from sqlalchemy import func

from portal.authz.scopes import load, scope
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.tenants.models import AccountService, Service
from portal.tenants.queries.name_search import fold_column


def bought_services(ctx: Context, account_id: Id) -> set[Id]:
    """The services that an account has bought."""
    statement = scope(ctx.actor, AccountService).where(AccountService.account_id == account_id)
    return {row.service_id for row in ctx.session.scalars(statement)}


def all_services(ctx: Context) -> Sequence[Service]:
    return ctx.session.scalars(
        scope(ctx.actor, Service).order_by(fold_column(Service.name), Service.id).limit(200)
    ).all()


def service(ctx: Context, service_id: uuid.UUID, *, lock: bool = False) -> Service:
    return load(ctx, Service, Service.id == service_id, lock=lock)


def service_accounts(ctx: Context) -> dict[Id, int]:
    """How many visible accounts bought each service."""
    rows = (
        scope(ctx.actor, AccountService)
        .with_only_columns(AccountService.service_id, func.count())
        .group_by(AccountService.service_id)
    )
    return {row[0]: row[1] for row in ctx.session.execute(rows)}
