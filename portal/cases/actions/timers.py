"""Locking a case for due work without waiting for a person who writes on it."""

import datetime as dt
import uuid

from portal.cases.models import Case
from portal.cases.queries.detail import by_id_unless_busy
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.outbox import schedule

# A case that somebody is writing on is looked at again after this.
BUSY_PAUSE = dt.timedelta(seconds=2)


def lock_due_case(ctx: Context, kind: str, case_id: uuid.UUID) -> Case | None:
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
