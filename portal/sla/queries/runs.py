"""Long work about promises as administrators watch it."""

import uuid
from collections.abc import Mapping, Sequence

from portal.authz.scopes import load, scope
from portal.kernel.context import Context
from portal.kernel.ids import parse
from portal.sla.models import Run
from portal.tenants.models import Account

Id = uuid.UUID
SHOWN = 50


def recent(ctx: Context) -> Sequence[Run]:
    """The last runs, the newest first."""
    return ctx.session.scalars(scope(ctx.actor, Run).order_by(Run.id.desc()).limit(SHOWN)).all()


def run(ctx: Context, run_id: Id) -> Run:
    """One run; NotFound otherwise."""
    return load(ctx, Run, Run.id == run_id, fresh=True)


def named(ctx: Context, row: Run) -> Mapping[str, str]:
    """The names of the accounts that a backtest speaks of, by id."""
    wanted = {found for key in row.findings.get("accounts", {}) if (found := parse(key)) is not None}
    if not wanted:
        return {}
    rows = scope(ctx.actor, Account).where(Account.id.in_(wanted)).with_only_columns(Account.id, Account.name)
    return {str(account_id): name for account_id, name in ctx.session.execute(rows)}
