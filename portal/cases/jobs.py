"""What the clock does to cases: named shells around actions, called by the worker when their row falls due."""

import datetime as dt
import uuid

from portal.cases.actions import change, resolution, work
from portal.cases.models import Case
from portal.cases.queries.one import by_id_unless_busy
from portal.cases.states import State
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.events import record
from portal.kernel.outbox import schedule

# A case that somebody is writing on is looked at again after this.
BUSY_PAUSE = dt.timedelta(seconds=2)


def close_settled_case(ctx: Context, case_id: uuid.UUID) -> None:
    """Close a case that stayed resolved for its provider's hours (72 unless agreed otherwise)."""
    case = taken_up(ctx, change.AUTO_CLOSE, case_id)
    if case is not None:
        resolution.auto_close(ctx, case)


def announce_closing(ctx: Context, case_id: uuid.UUID) -> None:
    """Tell the customer 24 hours ahead that a resolved case will close itself; records `case.closing_soon`."""
    case = taken_up(ctx, change.CLOSING_SOON, case_id)
    if case is None:
        return
    if case.state == State.RESOLVED and case.auto_close_at is not None and case.auto_close_at > ctx.now:
        record(ctx, "case.closing_soon", case, case=case)


def wake_held_case(ctx: Context, case_id: uuid.UUID) -> None:
    """Take up a case whose look-again date has come."""
    case = taken_up(ctx, change.WAKE, case_id)
    if case is None:
        return
    if case.state == State.ON_HOLD and case.hold_until is not None and case.hold_until <= ctx.now:
        work.wake(ctx, case)


def taken_up(ctx: Context, kind: str, case_id: uuid.UUID) -> Case | None:
    """The case that due work of *kind* is about, locked; None if it is gone or somebody is writing on it just now.

    A person's request locks the case and then its due work; the worker holds the due work already, so waiting for the
    case would be a deadlock that costs the person their answer. The work is planned again instead.
    """
    try:
        case = by_id_unless_busy(ctx, case_id)
    except NotFound:
        return None
    if case is None:
        schedule(ctx.session, ctx.provider_id, kind, case_id, ctx.now + BUSY_PAUSE)
    return case
