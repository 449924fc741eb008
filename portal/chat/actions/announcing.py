"""Saying to open chat pages that there is something new (`kernel.change_stamps`)."""

from portal.chat import rules
from portal.kernel.actor import Id
from portal.kernel.change_stamps import announce_change_of
from portal.kernel.context import Context
from portal.kernel.uow import call_after_commit


def announce_chat(ctx: Context, case_id: Id, *, queue: bool = False) -> None:
    """After the commit, let the pages of the chat in this case ask again; with *queue* also all chat pages of staff and
    of those who wait."""
    call_after_commit(ctx.session, lambda: announce_change_of(case_id))
    if queue:
        announce_queue(ctx)


def announce_queue(ctx: Context) -> None:
    """After the commit, let all chat pages of staff and of those who wait ask again."""
    queue_id = rules.queue_stamp_id(ctx.provider_id)
    call_after_commit(ctx.session, lambda: announce_change_of(queue_id))
