"""Locking a case for due work without waiting for a person who writes on it."""

import datetime as dt
import uuid

from portal.cases.models import Case
from portal.cases.queries.detail import by_id_unless_busy
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.outbox import schedule

# The delay before the next try on a locked case.
BUSY_PAUSE = dt.timedelta(seconds=2)


def lock_due_case(ctx: Context, kind: str, case_id: uuid.UUID) -> Case | None:
    """The case that due work of *kind* is about, locked. None if it is gone or if another transaction holds its lock.

    A request locks the case first and its due work second. The worker holds the due work already, so waiting for the
    case would be a deadlock. The work is scheduled again instead.
    """
    try:
        case = by_id_unless_busy(ctx, case_id)
    except NotFound:
        return None
    if case is None:
        schedule(ctx.session, ctx.provider_id, kind, case_id, ctx.now + BUSY_PAUSE)
    return case
