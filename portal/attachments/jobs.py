"""Due work about files."""

from portal.attachments import actions
from portal.kernel.actor import Id
from portal.kernel.context import Context


def add_thumbnail(ctx: Context, attachment_id: Id) -> None:
    """Due work: draw the thumbnail of a picture."""
    actions.add_thumbnail(ctx, attachment_id)
