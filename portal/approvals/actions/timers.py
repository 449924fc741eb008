"""What time does to open requests: reminders, and the end. The system acts; doing it twice changes nothing."""

import datetime as dt

from portal.approvals.actions import asking
from portal.approvals.engine.steps import StepOutcome
from portal.approvals.models import ApprovalRequest
from portal.approvals.rules import ApprovalState
from portal.cases.models import Case
from portal.kernel import outbox
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.system_context import as_system

# What the answers of people end.
ENDS = {StepOutcome.APPROVED: ApprovalState.APPROVED, StepOutcome.REFUSED: ApprovalState.REFUSED}
# The worker holds the row of due work, and whoever answers holds the case: the worker does not wait for them.
TRY_AGAIN = dt.timedelta(seconds=2)


def look_again(ctx: Context, request_id: Id) -> None:
    """Let the worker look at a request again in a moment."""
    outbox.schedule(ctx.session, ctx.provider_id, asking.DUE, request_id, ctx.now + TRY_AGAIN)


def expire(ctx: Context, case: Case, row: ApprovalRequest) -> None:
    """End a request that nobody answered in its time; records `approval.expired`."""
    if row.due_at is None or row.due_at > ctx.now:
        return
    asking.end(ctx, case, row, ApprovalState.EXPIRED)
    asking.record_of(ctx, "expired", row, case)


def remind(ctx: Context, case: Case, row: ApprovalRequest) -> None:
    """Remind whom *row* waits for, where a reminder is due; records `approval.reminded`. Tells staff once that nobody
    is left who may answer."""
    recheck(ctx, case, row)
    if row.remind_hours and row.told_at + dt.timedelta(hours=row.remind_hours) <= ctx.now:
        row.told_at, row.reminders = ctx.now, row.reminders + 1
        ctx.session.flush()
        if row.waiting_ids:
            standing = asking.evaluate_request(ctx, case, row, asking.able_for(ctx, case, row))
            asking.record_of(ctx, "reminded", row, case, names=asking.seat_names(row, standing))
    asking.plan(ctx, row)


def recheck(ctx: Context, case: Case, row: ApprovalRequest) -> None:
    """Store whom *row* waits for now, and tell staff once if nobody is left; records `approval.stuck`. Ends a request
    that only somebody who became the contact had held up."""
    was_stuck = row.stuck
    standing = asking.let_in_and_evaluate(ctx, case, row)
    decided = ENDS.get(standing.outcome)
    if decided is not None:
        with as_system(ctx) as inner:
            asking.end(inner, case, row, decided)
            asking.record_of(inner, decided.value, row, case)
        return
    asking.note_if_stuck(ctx, case, row, standing, was=was_stuck)
