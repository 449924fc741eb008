"""Runs: recomputing the clocks that a change can affect, in batches with progress, without blocking the desk."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, and_, func, select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.scopes import load
from portal.cases.models import Case, CaseLocation
from portal.cases.queries.status_filter import UNRESOLVED_CASE
from portal.kernel import outbox
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record, wake_after_commit
from portal.sla.actions.clocks import apply_current_rules
from portal.sla.models import CalendarVersion, CaseSlaState, PolicyVersion, Run
from portal.sla.queries.impact import Proposal, cases_counted_by, find_changed_outcomes, parse_proposal

# The kind of due work that does the next batch of a run.
RUN = "sla_run"
BATCH = 100
# The period of a backtest, the number of cases in a batch, and the number of cases it lists of an account.
BACKTEST_SPAN = dt.timedelta(days=90)
BACKTEST_BATCH = 200
CASES_SHOWN = 20


def start_recompute(ctx: Context, about: Mapping[str, str]) -> Run:
    """Plan the recomputation of every open case that *about* can affect: {} for all, or one of {policy: id},
    {calendar: id}, {organization: id}, {account: id}. A worker does it batch by batch (see `Run.done`).

    Records `promise.recompute_asked`.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    run = Run(
        provider_id=ctx.provider_id,
        kind="recompute",
        about=dict(about),
        findings={},
        by_id=ctx.actor.user_id,
        by_name=ctx.actor.name,
        asked_at=ctx.now,
    )
    ctx.session.add(run)
    ctx.session.flush()
    run.total = ctx.session.scalar(select(func.count()).select_from(affected_cases(ctx, run).subquery())) or 0
    if run.total:
        outbox.schedule(ctx.session, ctx.provider_id, RUN, run.id, ctx.now)
        wake_after_commit(ctx)
    else:
        run.state, run.finished_at = "done", ctx.now
    ctx.session.flush()
    record(ctx, "promise.recompute_asked", run, about=dict(about), total=run.total)
    return run


def cancel_run(ctx: Context, run: Run) -> None:
    """Stop before the next batch; recomputed cases stay as they are. Records `promise.run_canceled`; Conflict if it is
    over."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    row = load(ctx, Run, Run.id == run.id, lock=True)
    if row.state not in ("waiting", "running"):
        raise Conflict(_("This is already finished."))
    row.state, row.finished_at = "canceled", ctx.now
    outbox.unschedule(ctx.session, ctx.provider_id, RUN, row.id)
    record(ctx, "promise.run_canceled", row, done=row.done)


def affected_cases(ctx: Context, run: Run) -> "Select[Any]":
    """The ids of the unresolved cases that *run* is about, in order: those counted by that policy or calendar, or
    those of that place; cases without clocks (from before there were promises) belong to every place."""
    rows = select(Case.id).where(Case.provider_id == ctx.provider_id, UNRESOLVED_CASE).order_by(Case.id)
    about = run.about
    if "account" in about:
        return rows.where(Case.account_id == uuid.UUID(about["account"]))
    if "organization" in about:
        return rows.where(Case.organization_id == uuid.UUID(about["organization"]))
    if "policy" in about:
        versions = select(PolicyVersion.id).where(PolicyVersion.policy_id == uuid.UUID(about["policy"]))
        counted = CaseSlaState.policy_version_id.in_(versions)
    elif "calendar" in about:
        versions = select(CalendarVersion.id).where(CalendarVersion.calendar_id == uuid.UUID(about["calendar"]))
        counted = CaseSlaState.calendar_version_id.in_(versions)
    else:
        return rows
    return rows.join(CaseSlaState, and_(CaseSlaState.case_id == Case.id, CaseSlaState.active)).where(counted)


def recompute_batch(ctx: Context, run: Run, *, size: int = BATCH) -> bool:
    """Apply the current rules to the next *size* cases of *run*; True if more follow. Locked cases are skipped and
    tried again at the end.
    """
    rows = affected_cases(ctx, run)
    if run.cursor is not None:
        rows = rows.where(Case.id > run.cursor)
    wanted = ctx.session.scalars(rows.limit(size)).all()
    if not wanted:
        return _restart_skipped(ctx, run)
    locked = ctx.session.execute(
        select(Case.provider_id, Case.organization_id, Case.account_id, Case.id)
        .where(Case.id.in_(wanted), UNRESOLVED_CASE)
        .with_for_update(skip_locked=True, of=Case)
    )
    locations = [CaseLocation(*row) for row in locked]
    run.changed += apply_current_rules(ctx, locations)
    run.cursor = wanted[-1]
    run.done = min(run.done + len(locations), run.total)
    missing = len(wanted) - len(locations)
    if missing:
        run.findings = {**run.findings, "skipped": run.findings.get("skipped", 0) + missing}
    return len(wanted) == size or _restart_skipped(ctx, run)


def _restart_skipped(ctx: Context, run: Run) -> bool:
    """After the last batch: once more from the start if cases were skipped, at most ten times."""
    skipped, rounds = run.findings.get("skipped", 0), run.findings.get("rounds", 0)
    if not skipped or rounds >= 10:
        return False
    run.findings = {**run.findings, "skipped": 0, "rounds": rounds + 1}
    run.cursor = None
    return True


def continue_run(ctx: Context, run_id: Id, batch: Callable[[Context, Run], bool]) -> None:
    """Due work: the next batch of a run, and the plan for the one after. Records `promise.run_done` after the last."""
    run = ctx.session.get(Run, run_id, with_for_update=True, populate_existing=True)
    if run is None or run.state not in ("waiting", "running"):
        return
    run.state = "running"
    more = batch(ctx, run)
    if more:
        outbox.schedule(ctx.session, ctx.provider_id, RUN, run.id, ctx.now)
        wake_after_commit(ctx)
    else:
        run.state, run.finished_at = "done", ctx.now
        record(ctx, "promise.run_done", run, kind=run.kind, done=run.done, changed=run.changed)


def start_backtest(ctx: Context, proposal: Proposal) -> Run:
    """Plan the replay of the last 90 days under *proposal*; a worker does it (see `queries.impact.findings`). Records
    `promise.backtest_asked`. Refused for a proposal that changes nothing."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if proposal.policy is None and proposal.calendar is None:
        raise Refused(_("There is no draft to test."))
    run = Run(
        provider_id=ctx.provider_id,
        kind="backtest",
        about=proposal.data(),
        findings={"since": (ctx.now - BACKTEST_SPAN).isoformat(), "accounts": {}},
        by_id=ctx.actor.user_id,
        by_name=ctx.actor.name,
        asked_at=ctx.now,
    )
    ctx.session.add(run)
    ctx.session.flush()
    run.total = (
        ctx.session.scalar(select(func.count()).select_from(_backtest_cases(ctx, run, proposal).subquery())) or 0
    )
    outbox.schedule(ctx.session, ctx.provider_id, RUN, run.id, ctx.now)
    wake_after_commit(ctx)
    ctx.session.flush()
    record(ctx, "promise.backtest_asked", run, total=run.total)
    return run


def _backtest_cases(ctx: Context, run: Run, proposal: Proposal) -> Any:
    since = dt.datetime.fromisoformat(run.findings["since"])
    return select(Case.provider_id, Case.organization_id, Case.account_id, Case.id).where(
        Case.provider_id == ctx.provider_id, Case.opened_at >= since, Case.id.in_(cases_counted_by(ctx, proposal))
    )


def backtest_batch(ctx: Context, run: Run, *, size: int = BACKTEST_BATCH) -> bool:
    """The next *size* cases of *run*; True if more follow."""
    proposal = parse_proposal(run.about)
    rows = _backtest_cases(ctx, run, proposal).order_by(Case.id).limit(size)
    if run.cursor is not None:
        rows = rows.where(Case.id > run.cursor)
    locations = [CaseLocation(*row) for row in ctx.session.execute(rows)]
    accounts: dict[str, Any] = {key: dict(value) for key, value in run.findings["accounts"].items()}
    for one in find_changed_outcomes(ctx, proposal, locations):
        found = accounts.setdefault(str(one.account_id), {"missed": 0, "met": 0, "cases": []})
        found[one.to] += 1
        run.changed += 1
        if len(found["cases"]) < CASES_SHOWN and str(one.case_id) not in found["cases"]:
            found["cases"] = [*found["cases"], str(one.case_id)]
    run.findings = {**run.findings, "accounts": accounts}
    run.done += len(locations)
    if locations:
        run.cursor = locations[-1].case_id
    return len(locations) == size
