"""Due work about cases. The worker calls these functions when their row falls due; each calls one action."""

import uuid

from portal.cases.actions import delayed_replies, desk, resolution, transitions
from portal.cases.actions.timers import lock_due_case
from portal.cases.queries.conversation import last_question
from portal.cases.queries.question_days import question_days
from portal.cases.states import State
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
    days = question_days(ctx, case)
    passed = days.passed_reminder(question.recorded_at, ctx.now)
    if passed is not None:
        record(ctx, "case.reminded", case, case=case, message=str(question.id), days=passed)
    desk.schedule_reminder(ctx, case, days, question.recorded_at)


def propose_to_resolve(ctx: Context, case_id: uuid.UUID) -> None:
    """Tell support that the customer left a question unanswered for so long that the case can be resolved; records
    `case.resolve_proposed` (facts: message, days). Nothing is resolved by itself."""
    case = lock_due_case(ctx, transitions.PROPOSE, case_id)
    question = last_question(ctx, case) if case is not None and case.state == State.WAITING else None
    if case is None or question is None:
        return
    days = question_days(ctx, case)
    proposed_at = days.proposed_at(question.recorded_at)
    if proposed_at is None:
        return
    if proposed_at > ctx.now:
        desk.schedule_reminder(ctx, case, days, question.recorded_at)
        return
    record(ctx, "case.resolve_proposed", case, case=case, message=str(question.id), days=days.proposal)


def wake_held_case(ctx: Context, case_id: uuid.UUID) -> None:
    """End the hold of a case whose look-again date has come."""
    case = lock_due_case(ctx, transitions.WAKE, case_id)
    if case is None:
        return
    if case.state == State.ON_HOLD and case.hold_until is not None and case.hold_until <= ctx.now:
        desk.wake(ctx, case)


def send_delayed_reply(ctx: Context, reply_id: uuid.UUID) -> None:
    """Send a reply whose ten seconds are over, as its writer."""
    delayed_replies.send_when_due(ctx, reply_id)
