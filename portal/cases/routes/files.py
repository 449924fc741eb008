"""Serving attachments: only through the case's scope, as a download unless it is a harmless picture, sandboxed."""

import uuid
from typing import Any
from urllib.parse import quote

from flask import Response
from werkzeug.http import dump_options_header

from portal.attachments.models import Attachment
from portal.authz.permissions import Permission
from portal.cases.queries import by_key, conversation
from portal.cases.routes import cases, desk
from portal.kernel.errors import NotFound
from portal.kernel.storage import storage
from portal.web.current import ctx
from portal.web.guards import on_portal, requires

# Shown in the browser; everything else is downloaded. SVG and HTML can carry scripts and are never shown.
INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
SANDBOX = "default-src 'none'; img-src 'self'; style-src 'none'; sandbox"


@cases.get("/cases/<key:key>/attachments/<uuid:attachment_id>/<path:name>")
@on_portal
def attachment(key: str, attachment_id: uuid.UUID, name: str) -> Any:
    """A file of a case the person may see; the name in the URL is decoration."""
    return send(conversation.attachment(ctx(), by_key(ctx(), key), attachment_id))


@desk.get("/cases/<key:key>/attachments/<uuid:attachment_id>/<path:name>")
@requires(Permission.CASE_READ)
def attachment_for_staff(key: str, attachment_id: uuid.UUID, name: str) -> Any:
    """The same on the desk, where files of internal notes are seen too."""
    return send(conversation.attachment(ctx(), by_key(ctx(), key), attachment_id))


def send(file: Attachment) -> Response:
    """Stream *file* with headers under which nothing in it can act."""
    try:
        chunks = storage().read(file.storage_name)
    except FileNotFoundError:
        raise NotFound from None
    disposition = "inline" if file.media_type in INLINE else "attachment"
    ascii_name = file.filename.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    answer = Response(chunks, mimetype=file.media_type if disposition == "inline" else "application/octet-stream")
    answer.headers["Content-Disposition"] = dump_options_header(disposition, {"filename": ascii_name}) + (
        "; filename*=UTF-8''" + _percent(file.filename)
    )
    answer.headers["Content-Length"] = str(file.size)
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _percent(name: str) -> str:
    return quote(name, safe="")
