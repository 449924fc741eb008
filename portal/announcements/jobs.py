"""Jobs of announcements: thin functions around `actions`."""

from portal.announcements import actions, queries
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import NotFound


def act_when_due(ctx: Context, announcement_id: Id) -> None:
    """Due work: publish, end, or remind staff; nothing for an announcement that was discarded."""
    try:
        row = queries.announcement(ctx, announcement_id, lock=True)
    except NotFound:
        return
    actions.act_when_due(ctx, row)
