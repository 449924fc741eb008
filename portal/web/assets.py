"""Static files: an address contains a version of its content, so browsers and proxies may cache it for ever."""

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, request

FOR_EVER = "public, max-age=31536000, immutable"
# Files whose name changes with their content (static/vendor/VENDORED.md): style sheets name fonts without a version.
_NAMED_BY_CONTENT = "fonts/"


def register_assets(app: Flask) -> None:
    """Add the global `asset(name)`: the address of a static file with the version of its content; and set long cache
    times for requests of such an address."""
    folder = Path(app.static_folder or "static")

    @lru_cache(maxsize=256)
    def version(name: str) -> str:
        path = folder / name
        return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else ""

    @lru_cache(maxsize=256)
    def asset(name: str) -> str:
        return f"/static/{name}?v={version(name)}"

    @app.after_request
    def keep(response: Response) -> Response:
        name = (request.view_args or {}).get("filename", "") if request.endpoint == "static" else ""
        if name and response.status_code in (200, 206, 304):
            current = name.startswith(_NAMED_BY_CONTENT) or request.args.get("v", "") == version(name)
            if current:
                response.headers["Cache-Control"] = FOR_EVER
        return response

    app.jinja_env.globals["asset"] = asset
