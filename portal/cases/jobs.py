"""Due work about cases. The worker calls these functions when their row falls due; each calls one action."""

import datetime as dt
import uuid

from portal.cases.actions import desk, resolution, transitions
from portal.cases.actions.timers import lock_due_case
from portal.cases.queries.conversation import last_question
from portal.cases.states import REMINDER_DAYS, State
from portal.kernel.context import Context
from portal.kernel.events import record


def close_settled_case(ctx: Context, case_id: uuid.UUID) -> None:
    """Close a case that stayed resolved for its provider's hours (default 72)."""
    case = lock_due_case(ctx, transitions.AUTO_CLOSE, case_id)
    if case is not None:
        resolution.auto_close(ctx, case)


def announce_closing(ctx: Context, case_id: uuid.UUID) -> None:
    """Tell the customer 24 hours ahead that a resolved case closes automatically; records `case.closing_soon`."""
    case = lock_due_case(ctx, transitions.CLOSING_SOON, case_id)
    if case is None:
        return
    if case.state == State.RESOLVED and case.auto_close_at is not None and case.auto_close_at > ctx.now:
        record(ctx, "case.closing_soon", case, case=case)


def remind_of_question(ctx: Context, case_id: uuid.UUID) -> None:
    """Remind the customer of the question for whose answer the case waits; records `case.reminded` (facts: message,
    days). After a long stop of the worker once, not once for each date that passed."""
    case = lock_due_case(ctx, transitions.REMIND, case_id)
    question = last_question(ctx, case) if case is not None and case.state == State.WAITING else None
    if case is None or question is None:
        return
    dates = {days: question.recorded_at + dt.timedelta(days=days) for days in REMINDER_DAYS}
    passed = [days for days, date in dates.items() if date <= ctx.now]
    if passed:
        record(ctx, "case.reminded", case, case=case, message=str(question.id), days=passed[-1])
    following = next((date for date in dates.values() if date > ctx.now), None)
    if following is not None:
        desk.schedule_reminder(ctx, case, following)


def wake_held_case(ctx: Context, case_id: uuid.UUID) -> None:
    """End the hold of a case whose look-again date has come."""
    case = lock_due_case(ctx, transitions.WAKE, case_id)
    if case is None:
        return
    if case.state == State.ON_HOLD and case.hold_until is not None and case.hold_until <= ctx.now:
        desk.wake(ctx, case)
