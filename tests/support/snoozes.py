"""A snooze of a case in tests, past the actions."""

import datetime as dt
from typing import Any

from portal.cases.models import Case, CaseLocation
from portal.kernel.context import Context
from portal.snoozes.models import CaseSnooze


def leave_snooze(ctx: Context, case: Case, user_id: Any, **more: Any) -> None:
    """Let *user_id* snooze *case* for a day; *more* are further columns."""
    place = CaseLocation.of(case).columns()
    until = ctx.now + dt.timedelta(days=1)
    ctx.session.add(CaseSnooze(**place, user_id=user_id, until=until, snoozed_at=ctx.now, **more))
    ctx.session.flush()
