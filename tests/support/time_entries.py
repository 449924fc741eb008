"""Worked time in tests, past the actions."""

from typing import Any

from portal.cases.models import Case, CaseLocation
from portal.kernel.context import Context
from portal.time_entries.models import CaseTimer, TimeEntry


def leave_time(ctx: Context, case: Case, staff_id: Any, text: str = "Looked at it", **more: Any) -> None:
    """Write 30 billable minutes of *staff_id* today on *case*; *more* are other columns."""
    values = {"minutes": 30, "billable": True, "worked_on": ctx.now.date(), "added_at": ctx.now, "once": None, **more}
    place = CaseLocation.of(case).columns()
    ctx.session.add(TimeEntry(**place, staff_id=staff_id, text=text, **values))
    ctx.session.flush()


def leave_timer(ctx: Context, case: Case, staff_id: Any) -> None:
    """A timer of *staff_id* that stopped on *case* after ten minutes."""
    place = CaseLocation.of(case).columns()
    ctx.session.add(CaseTimer(**place, staff_id=staff_id, seconds=600, began_at=ctx.now, started_at=None))
    ctx.session.flush()
