"""Jobs of the community: thin functions around `actions`."""

from portal.community.actions import clock
from portal.community.queries.topics import topic
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import NotFound


def mark_overdue(ctx: Context, topic_id: Id) -> None:
    """Due work: mark a topic that waited too long for an answer; nothing for one that is gone."""
    try:
        row = topic(ctx, topic_id, lock=True)
    except NotFound:
        return
    clock.mark_overdue(ctx, row)
