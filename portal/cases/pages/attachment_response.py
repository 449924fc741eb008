"""The response that serves an attachment: a download, or an image, in a sandbox."""

from urllib.parse import quote

from flask import Response
from werkzeug.http import dump_options_header

from portal.attachments.models import Attachment
from portal.kernel.errors import NotFound
from portal.kernel.storage import storage

# Types that the browser shows; all others are downloaded. SVG and HTML can hold scripts, so they are downloaded.
INLINE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
SANDBOX = "default-src 'none'; img-src 'self'; style-src 'none'; sandbox"


def attachment_response(file: Attachment) -> Response:
    """Stream *file* with headers that prevent active content."""
    try:
        chunks = storage().read(file.storage_name)
    except FileNotFoundError:
        raise NotFound from None
    disposition = "inline" if file.media_type in INLINE_TYPES else "attachment"
    ascii_name = file.filename.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    answer = Response(chunks, mimetype=file.media_type if disposition == "inline" else "application/octet-stream")
    answer.headers["Content-Disposition"] = dump_options_header(disposition, {"filename": ascii_name}) + (
        "; filename*=UTF-8''" + _percent_encode(file.filename)
    )
    answer.headers["Content-Length"] = str(file.size)
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _percent_encode(name: str) -> str:
    return quote(name, safe="")
