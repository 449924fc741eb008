"""The responses that serve an attachment (a download, or an image) and its thumbnail, in a sandbox."""

from urllib.parse import quote

from flask import Response
from werkzeug.http import dump_options_header

from portal.attachments.models import Attachment
from portal.attachments.policies import PICTURE_TYPES
from portal.kernel.errors import NotFound
from portal.web.stored_files import sandboxed_response


def attachment_response(file: Attachment) -> Response:
    """Stream *file* with headers that prevent active content. The browser shows pictures and downloads all else."""
    disposition = "inline" if file.media_type in PICTURE_TYPES else "attachment"
    ascii_name = file.filename.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    media_type = file.media_type if disposition == "inline" else "application/octet-stream"
    answer = sandboxed_response(file.storage_name, media_type)
    answer.headers["Content-Disposition"] = dump_options_header(disposition, {"filename": ascii_name}) + (
        "; filename*=UTF-8''" + _percent_encode(file.filename)
    )
    answer.headers["Content-Length"] = str(file.size)
    return answer


def thumbnail_response(file: Attachment) -> Response:
    """Stream the thumbnail of *file*. Raises NotFound where it has none."""
    if file.thumbnail_width is None:
        raise NotFound
    return sandboxed_response(file.thumbnail_storage_name, "image/webp")


def _percent_encode(name: str) -> str:
    return quote(name, safe="")
