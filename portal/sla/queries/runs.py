"""Recomputations and backtests with their progress and findings."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import joinedload

from portal.authz.scopes import load, scope
from portal.cases.models import Case
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.sla.models import Run
from portal.tenants.models import Account


def run(ctx: Context, run_id: Id) -> Run:
    """One recomputation or backtest as it stands; NotFound otherwise."""
    return load(ctx, Run, Run.id == run_id, fresh=True)


def runs(ctx: Context, *, kind: str = "", limit: int = 20) -> Sequence[Run]:
    """The newest runs of the provider."""
    rows = scope(ctx.actor, Run).order_by(Run.id.desc()).limit(limit)
    return ctx.session.scalars(rows.where(Run.kind == kind) if kind else rows).all()


@dataclass(frozen=True, slots=True)
class BacktestFinding:
    """What a backtest found about one account: clocks that would have turned from met to missed, and back."""

    account: Account
    to_missed: int
    to_met: int
    cases: Sequence[Case]


def findings(ctx: Context, run: Run) -> list[BacktestFinding]:
    """The findings of a backtest by account, most changes first, with up to twenty of the cases each, as far as the
    actor may see them."""
    found: dict[str, Any] = run.findings.get("accounts", {})
    accounts = ctx.session.scalars(scope(ctx.actor, Account).where(Account.id.in_([uuid.UUID(i) for i in found]))).all()
    wanted = {uuid.UUID(i) for one in found.values() for i in one.get("cases", ())}
    cases = (
        ctx.session.scalars(
            scope(ctx.actor, Case).where(Case.id.in_(wanted)).options(joinedload(Case.account, innerjoin=True))
        ).all()
        if wanted
        else []
    )
    result = []
    for account in accounts:
        one = found[str(account.id)]
        mine = [case for case in cases if str(case.id) in one.get("cases", ())]
        result.append(BacktestFinding(account, one["missed"], one["met"], mine))
    return sorted(result, key=lambda f: (-(f.to_missed + f.to_met), f.account.key))
