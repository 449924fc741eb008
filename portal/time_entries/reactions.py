"""What follows for worked time from what happens to cases."""

from portal.cases.models import Case
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.time_entries.actions import carry_time


def follow_merge(ctx: Context, event: Event) -> None:
    """React to `case.merged`: the time goes along to the case that goes on."""
    case = ctx.session.get(Case, event.case_id)
    target = ctx.session.get(Case, case.merged_into_id) if case is not None and case.merged_into_id else None
    if case is not None and target is not None:
        carry_time(ctx, case, target)
