"""A task on a case in tests, past the actions."""

from portal.cases.models import Case, CaseLocation
from portal.kernel.context import Context
from portal.tasks.models import CaseTask


def leave_task(ctx: Context, case: Case, text: str = "Look at it") -> None:
    """Put a task on *case*."""
    ctx.session.add(CaseTask(**CaseLocation.of(case).columns(), position=1, text=text, added_at=ctx.now))
    ctx.session.flush()
