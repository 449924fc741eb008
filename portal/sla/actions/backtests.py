"""The backtest (N7): the last 90 days under a draft, in batches with progress. It writes its findings and nothing
else."""

import datetime as dt
from typing import Any

from sqlalchemy import func, select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.models import Case
from portal.kernel import outbox
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record, wake_after_commit
from portal.sla.actions.runs import RUN
from portal.sla.clock_store import Place
from portal.sla.models import Run
from portal.sla.queries.impact import Proposal, counted_by, proposal_of, turned

SPAN = dt.timedelta(days=90)
BATCH = 200
CASES_SHOWN = 20


def backtest(ctx: Context, proposal: Proposal) -> Run:
    """Plan the replay of the last 90 days under *proposal*; a worker does it (see `queries.impact.findings`). Records
    `promise.backtest_asked`. Refused for a proposal that changes nothing."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if proposal.policy is None and proposal.calendar is None:
        raise Refused("There is no draft to test.")
    run = Run(
        provider_id=ctx.provider_id,
        kind="backtest",
        about=proposal.data(),
        findings={"since": (ctx.now - SPAN).isoformat(), "accounts": {}},
        by_id=ctx.actor.user_id,
        by_name=ctx.actor.name,
        asked_at=ctx.now,
    )
    ctx.session.add(run)
    ctx.session.flush()
    run.total = ctx.session.scalar(select(func.count()).select_from(_cases(ctx, run, proposal).subquery())) or 0
    outbox.schedule(ctx.session, ctx.provider_id, RUN, run.id, ctx.now)
    wake_after_commit(ctx)
    ctx.session.flush()
    record(ctx, "promise.backtest_asked", run, total=run.total)
    return run


def _cases(ctx: Context, run: Run, proposal: Proposal) -> Any:
    since = dt.datetime.fromisoformat(run.findings["since"])
    return select(Case.provider_id, Case.organization_id, Case.account_id, Case.id).where(
        Case.provider_id == ctx.provider_id, Case.opened_at >= since, Case.id.in_(counted_by(ctx, proposal))
    )


def backtest_batch(ctx: Context, run: Run, *, size: int = BATCH) -> bool:
    """The next *size* cases of *run*; True if more follow."""
    proposal = proposal_of(run.about)
    rows = _cases(ctx, run, proposal).order_by(Case.id).limit(size)
    if run.cursor is not None:
        rows = rows.where(Case.id > run.cursor)
    places = [Place(*row) for row in ctx.session.execute(rows)]
    accounts: dict[str, Any] = {key: dict(value) for key, value in run.findings["accounts"].items()}
    for one in turned(ctx, proposal, places):
        found = accounts.setdefault(str(one.account_id), {"missed": 0, "met": 0, "cases": []})
        found[one.to] += 1
        run.changed += 1
        if len(found["cases"]) < CASES_SHOWN and str(one.case_id) not in found["cases"]:
            found["cases"] = [*found["cases"], str(one.case_id)]
    run.findings = {**run.findings, "accounts": accounts}
    run.done += len(places)
    if places:
        run.cursor = places[-1].case_id
    return len(places) == size
