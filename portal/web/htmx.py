"""Fragments: the same URL answers the page, or only the changed regions when htmx asks (ux.md 4)."""

from typing import Any

from flask import Response, make_response, redirect, render_template, request


def wants_fragment() -> bool:
    """Whether htmx asks for a part of the page (and not for a page to restore)."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def target() -> str:
    """The id of the element that htmx will swap (htmx 4 sends `tag#id`), or ''."""
    return request.headers.get("HX-Target", "").rpartition("#")[2]


def page(template: str, status: int = 200, /, **values: Any) -> Response:
    """Render *template* with *status*."""
    return make_response(render_template(template, **values), status)


def page_or_fragment(template: str, fragment: str, status: int = 200, /, **values: Any) -> Response:
    """The whole page, or its *fragment* for htmx."""
    return page(fragment if wants_fragment() else template, status, **values)


def see(url: str) -> Response:
    """Post/Redirect/Get: 303 for a browser, HX-Redirect for htmx (a fetch would follow a 303 into the fragment)."""
    if wants_fragment():
        answer = make_response("", 204)
        answer.headers["HX-Redirect"] = url
        return answer
    return redirect(url, 303)  # type: ignore[return-value]
