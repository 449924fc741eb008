"""Compression of answers (Flask-Compress): brotli if the browser accepts it, else gzip.

If a page holds a secret beside text of the reader, its compressed length can reveal the secret (BREACH). The form token
is the only such secret, and every answer masks it anew (`web.csrf`). Files of people, and parts of them, are sent as
they are stored.
"""

import re

import brotli
from flask import Flask, Response, request
from flask_compress import Compress

from portal.kernel.cache import Cache

MEDIA_TYPES = [
    *("text/html", "text/css", "text/javascript", "text/plain", "text/csv", "text/calendar"),
    *("application/json", "application/manifest+json", "image/svg+xml"),
]
# Shorter answers fit into one packet anyway.
SHORTEST = 500
# Static files as small as brotli makes them, which takes too long for a page and is done once a process and file.
SMALLEST = 11
# A style sheet travels without its comments. No string of ours holds the two characters that begin one.
STYLE_COMMENT = re.compile(rb"\s*/\*.*?\*/", re.DOTALL)
_static_files: Cache[tuple[str, str], bytes] = Cache(max_entries=64)


def compress_static_file(response: Response) -> Response:
    """The answer with its file compressed by brotli, if the browser accepts that; else the answer as it is."""
    if request.accept_encodings.quality("br") <= 0 or response.headers.get("Content-Encoding"):
        return response
    etag = response.get_etag()[0] or ""
    small = _static_files.get((request.path, etag))
    if small is None:
        response.direct_passthrough = False
        data = response.get_data()
        if response.mimetype == "text/css":
            data = STYLE_COMMENT.sub(b"", data)
        small = brotli.compress(data, quality=SMALLEST)
        _static_files.put((request.path, etag), small)
    response.close()  # the file
    response.direct_passthrough = False
    response.set_data(small)
    response.headers["Content-Encoding"] = "br"
    response.set_etag(f"{etag}-br")
    response.make_conditional(request)
    return response


def register_compression(app: Flask) -> None:
    """Compress as the last step of an answer. Call it before any other registration that changes answers."""
    app.config.update(
        COMPRESS_MIMETYPES=MEDIA_TYPES,
        COMPRESS_MIN_SIZE=SHORTEST,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_ALGORITHM_STREAMING=["br", "gzip"],
        COMPRESS_REGISTER=False,
    )
    compress = Compress(app)

    @app.after_request
    def shorten(response: Response) -> Response:
        is_file = "Content-Disposition" in response.headers and request.endpoint != "static"
        if is_file or response.status_code == 206:
            return response
        if request.endpoint == "static" and response.status_code == 200 and response.mimetype in MEDIA_TYPES:
            response = compress_static_file(response)
        shortened: Response = compress.after_request(response)
        return shortened
