"""Due work about clients."""

from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.tenants.actions import import_drafts


def delete_expired_draft(ctx: Context, draft_id: Id) -> None:
    """Due work: delete an uploaded file of people."""
    import_drafts.delete_expired_draft(ctx, draft_id)
