"""A task on a case in tests, past the actions."""

from typing import Any

from portal.cases.models import Case, CaseLocation
from portal.kernel.context import Context
from portal.tasks.models import CaseTask


def leave_task(ctx: Context, case: Case, text: str = "Look at it", **more: Any) -> None:
    """Put a task on *case*; *more* are further columns."""
    ctx.session.add(CaseTask(**CaseLocation.of(case).columns(), position=1, text=text, added_at=ctx.now, **more))
    ctx.session.flush()
