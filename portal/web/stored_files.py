"""The response that serves a stored file of a person, in a sandbox: nothing in it can act on the page."""

from collections.abc import Iterator

from flask import Response

from portal.kernel.errors import NotFound
from portal.kernel.storage import storage

SANDBOX = "default-src 'none'; img-src 'self'; style-src 'none'; sandbox"


def sandboxed_response(storage_name: str, media_type: str) -> Response:
    """Stream a stored file. Raises NotFound if it is not there."""
    try:
        chunks: Iterator[bytes] = storage().read(storage_name)
    except FileNotFoundError:
        raise NotFound from None
    answer = Response(chunks, mimetype=media_type)
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
