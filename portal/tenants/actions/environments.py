"""Adding and changing environments."""

from flask_babel import gettext as _
from sqlalchemy import select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.tenants.models import (
    Account,
    Environment,
)


def add_environment(ctx: Context, account: Account, *, name: str, kind: str = "production") -> Environment:
    """A place where people of *account* work; records `environment.added`. Raises Refused for a name it already has."""
    _may_change_environments(ctx, account)
    same = select(Environment.id).where(Environment.account_id == account.id, Environment.name == name)
    if ctx.session.scalar(same):
        raise Refused(_("%(account)s already has an environment of that name", account=account.name), "name")
    row = Environment(
        provider_id=ctx.provider_id,
        organization_id=account.organization_id,
        account_id=account.id,
        name=name,
        kind=kind,
    )
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "environment.added", row, name=name, kind=kind)
    return row


def change_environment(ctx: Context, environment: Environment, *, name: str, kind: str, active: bool) -> None:
    """Rename, re-kind or retire an environment; cases keep it; records `environment.changed`."""
    _may_change_environments(ctx, environment)
    same = select(Environment.id).where(
        Environment.account_id == environment.account_id, Environment.name == name, Environment.id != environment.id
    )
    if ctx.session.scalar(same):
        raise Refused(_("There is already an environment of that name"), "name")
    environment.name, environment.kind, environment.active = name, kind, active
    record(ctx, "environment.changed", environment, name=name, kind=kind, active=active)


def _may_change_environments(ctx: Context, place: object) -> None:
    permission = Permission.ORGANIZATION_ENVIRONMENTS if ctx.actor.is_contact else Permission.PROVIDER_CONFIGURE
    require(ctx.actor, permission, place)
