"""Compression of answers (Flask-Compress): brotli if the browser accepts it, else gzip.

If a page holds a secret beside text of the reader, its compressed length can reveal the secret (BREACH). The form token
is the only such secret, and every answer masks it anew (`web.csrf`). Files of people, and parts of them, are sent as
they are stored.
"""

from flask import Flask, Response, request
from flask_compress import Compress

MEDIA_TYPES = [
    *("text/html", "text/css", "text/javascript", "text/plain", "text/csv", "text/calendar"),
    *("application/json", "application/manifest+json", "image/svg+xml"),
]
# Shorter answers fit into one packet anyway.
SHORTEST = 500


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
        shortened: Response = compress.after_request(response)
        return shortened
