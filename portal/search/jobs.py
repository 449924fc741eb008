"""Jobs of search: thin functions that call one action."""

import uuid

from portal.kernel.context import Context
from portal.search import actions


def rebuild_marked(ctx: Context, _provider_id: uuid.UUID) -> None:
    """Due work: the next batch of documents that a migration marked."""
    actions.rebuild_marked(ctx)
