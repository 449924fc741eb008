"""Jobs of approvals: thin functions around `actions`."""

from portal.approvals.actions.timers import expire, look_again, remind
from portal.approvals.queries.requests import latest_request, request_by_id
from portal.approvals.rules import ApprovalState
from portal.cases.queries.detail import by_id_unless_busy
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import NotFound


def look_at_request(ctx: Context, request_id: Id) -> None:
    """Due work: an open request is to be reminded of, or its time is over. Nothing for one that has ended."""
    try:
        case = by_id_unless_busy(ctx, request_by_id(ctx, request_id).case_id)
    except NotFound:
        return
    if case is None:
        look_again(ctx, request_id)
        return
    row = latest_request(ctx, case, lock=True)
    if row is None or row.id != request_id or row.state != ApprovalState.ASKED:
        return
    if row.due_at is not None and row.due_at <= ctx.now:
        expire(ctx, case, row)
    else:
        remind(ctx, case, row)
