"""Jobs of phone: thin functions around `actions`."""

from portal.calls.actions import call_backs
from portal.calls.queries.call_backs import call_back
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import NotFound


def remind_of_call(ctx: Context, call_back_id: Id) -> None:
    """Due work: the slot of a call-back has passed."""
    try:
        row = call_back(ctx, call_back_id, lock=True)
    except NotFound:
        return
    call_backs.remind(ctx, row)
