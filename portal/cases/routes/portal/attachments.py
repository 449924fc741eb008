"""Attachments on the portal."""

import uuid
from typing import Any

from portal.cases.pages.attachment_response import attachment_response, thumbnail_response
from portal.cases.queries import by_key, conversation
from portal.cases.routes.blueprints import cases
from portal.web.current import ctx
from portal.web.guards import on_portal


@cases.get("/cases/<key:key>/attachments/<uuid:attachment_id>/<path:name>")
@on_portal
def attachment(key: str, attachment_id: uuid.UUID, name: str) -> Any:
    """A file of a visible case. The name in the URL is ignored."""
    return attachment_response(conversation.attachment(ctx(), by_key(ctx(), key), attachment_id))


@cases.get("/cases/<key:key>/thumbnails/<uuid:attachment_id>")
@on_portal
def thumbnail(key: str, attachment_id: uuid.UUID) -> Any:
    """The thumbnail of a picture of a visible case."""
    return thumbnail_response(conversation.attachment(ctx(), by_key(ctx(), key), attachment_id))
