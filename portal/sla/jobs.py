"""Jobs of promises: thin functions that call one action."""

import uuid

from portal.kernel.context import Context
from portal.sla.actions import escalate, runs
from portal.sla.actions.runs import backtest_batch
from portal.sla.models import Run


def fire_steps(ctx: Context, clock_id: uuid.UUID) -> None:
    """Due work: the escalation steps of one clock whose threshold has come."""
    escalate.fire_steps(ctx, clock_id)


def tell_recipients(ctx: Context, fired_id: uuid.UUID) -> None:
    """Due work: notify people, at opening time, of a step that fired in quiet hours."""
    escalate.tell_recipients(ctx, fired_id)


def continue_run(ctx: Context, run_id: uuid.UUID) -> None:
    """Due work: the next batch of a recomputation or backtest."""
    runs.continue_run(ctx, run_id, _batch)


def _batch(ctx: Context, run: Run) -> bool:
    return (backtest_batch if run.kind == "backtest" else runs.recompute_batch)(ctx, run)
