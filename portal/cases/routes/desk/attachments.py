"""Attachments on the desk."""

import uuid
from typing import Any

from portal.authz.permissions import Permission
from portal.cases.pages.attachment_response import attachment_response, thumbnail_response
from portal.cases.queries import by_key, conversation
from portal.cases.routes.blueprints import desk
from portal.web.current import ctx
from portal.web.guards import requires


@desk.get("/cases/<key:key>/attachments/<uuid:attachment_id>/<path:name>")
@requires(Permission.CASE_READ)
def attachment_for_staff(key: str, attachment_id: uuid.UUID, name: str) -> Any:
    """A file of a case, those of internal notes included."""
    return attachment_response(conversation.attachment(ctx(), by_key(ctx(), key), attachment_id))


@desk.get("/cases/<key:key>/thumbnails/<uuid:attachment_id>")
@requires(Permission.CASE_READ)
def thumbnail_for_staff(key: str, attachment_id: uuid.UUID) -> Any:
    """The thumbnail of a picture of a case."""
    return thumbnail_response(conversation.attachment(ctx(), by_key(ctx(), key), attachment_id))
