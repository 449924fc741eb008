"""URL rules of ux.md 1.4 that hold everywhere: clean paths, and validated query parameters."""

import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from flask import Flask, current_app, redirect, request
from werkzeug.routing import BaseConverter

from portal.kernel import ids
from portal.kernel.text import clean_line
from portal.web.host_keys import host_name


class CaseKey(BaseConverter):
    """`ACME-1042`, in any letter case; anything else is a 404."""

    regex = r"[A-Za-z][A-Za-z0-9]{1,9}-[0-9]{1,9}"


def register_url_rules(app: Flask) -> None:
    """Register the converter, and send a trailing slash to the clean path."""
    app.url_map.converters["key"] = CaseKey

    @app.before_request
    def clean_path() -> Any:
        if len(request.path) > 1 and request.path.endswith("/") and not request.path.startswith("/static/"):
            query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
            # "//host/" would be read as another site; line ends and question marks of the path stay in the path.
            return redirect("/" + quote(request.path.strip("/")) + query, 308)
        return None


def text_parameter(name: str, limit: int = 200, given: Mapping[str, str] | None = None) -> str:
    """A query parameter, cleaned and cut; '' if absent. *given*: parameters in place of those of the request."""
    return clean_line((request.args if given is None else given).get(name, ""))[:limit]


def number_parameter(name: str, default: int, highest: int = 10_000, given: Mapping[str, str] | None = None) -> int:
    """A whole number between 1 and *highest*; *default* for anything else. *given* as in `text_parameter`."""
    value = (request.args if given is None else given).get(name, "")[:12]
    return min(max(int(value), 1), highest) if value.isdecimal() and value.isascii() else default


def carried_query(*without: str) -> str:
    """The query string of this request but the parameters *without*, with its "?"; '' for none.

    For addresses that carry what they were asked with. `url_for` is never given such names: it has arguments of its own
    (`_method`, `endpoint`).
    """
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in without]
    return f"?{urlencode(kept)}" if kept else ""


def search_words() -> str:
    """The words of the search field of a list."""
    return text_parameter("q", 100)


def list_page() -> int:
    """The requested page of a list; the first for anything that is no number."""
    return request.args.get("page", 1, type=int)


def id_parameter(name: str) -> uuid.UUID | None:
    """An id, or None for anything that is not one."""
    return ids.parse_id(request.args.get(name))


def outside_url(path: str) -> str:
    """*path* of the host that was asked, as another site reaches it: with the scheme and the port of BASE_URL."""
    base = urlsplit(current_app.config["PARLEY"].base_url)
    if not base.netloc:
        return request.host_url.rstrip("/") + path
    return f"{base.scheme}://{host_name()}{f':{base.port}' if base.port else ''}{path}"


def local_path(target: str | None, default: str = "/") -> str:
    """*target* if it is a path on this site, else *default*: an open redirect would serve phishing."""
    value = target or ""
    if not value.startswith("/") or value.startswith(("//", "/\\")) or "\\" in value:
        return default
    return default if any(ord(c) < 33 or ord(c) == 127 for c in value) else value[:2000]
