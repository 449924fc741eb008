"""The severity levels of a provider."""

from collections.abc import Sequence
from typing import Any

from portal.authz.scopes import scope
from portal.cases.models import SeverityLevel
from portal.cases.rules import SeverityFloor, strictest_floor
from portal.kernel.actor import Id
from portal.kernel.config_cache import cached_config, for_everybody
from portal.kernel.context import Context
from portal.tenants.models import Account, Contact


def severity_levels(ctx: Context) -> Sequence[Any]:
    """The provider's severity levels, the worst first, as rows of columns."""
    return cached_config(ctx, for_everybody, _read_levels)


def _read_levels(ctx: Context) -> Sequence[Any]:
    rows = scope(ctx.actor, SeverityLevel).order_by(SeverityLevel.rank)
    return ctx.session.execute(rows.with_only_columns(*SeverityLevel.__table__.columns)).all()


def severity_floor_of(ctx: Context, account: Account, contact_id: Id | None) -> SeverityFloor | None:
    """The least severity that a new case of the contact in *account* is served with; None: nothing special. Without a
    contact that of the actor's own cases."""
    mine = ctx.actor.memberships.get(account.organization_id)
    wanted = contact_id or (mine.contact_id if mine else None)
    rows = scope(ctx.actor, Contact).where(Contact.id == wanted).with_only_columns(Contact.severity_floor)
    return strictest_floor(ctx.session.scalar(rows) if wanted is not None else None, account.severity_floor)


def level_name(ctx: Context, rank: int) -> str:
    """The provider's name of the level *rank*."""
    return next((str(row.name) for row in severity_levels(ctx) if row.rank == rank), str(rank))
