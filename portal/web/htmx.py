"""Fragments: the same URL answers the page, or only the changed regions when htmx asks (ux.md 4)."""

import re
from typing import Any

from flask import Response, g, make_response, redirect, render_template, request

from portal.web.unsent_text import find_missing_text


def wants_fragment() -> bool:
    """Whether htmx asks for a part of the page (and not for a page to restore)."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def swap_target() -> str:
    """The id of the element that htmx will swap (htmx 4 sends `tag#id`), or ''."""
    return request.headers.get("HX-Target", "").rpartition("#")[2]


def page(template: str, status: int = 200, /, **values: Any) -> Response:
    """Render *template* with *status*. A refusal's summary links only to fields that the page shows.

    A page with status 409 or 422 that does not show a text of the form that was sent (the object is in a state that
    has no such form any more) is drawn with that text in its notices: `g.unsent`.
    """
    html = render_template(template, **values)
    if status in (409, 422):
        g.unsent = find_missing_text(html)
        if g.unsent:
            html = render_template(template, **values)
    return make_response(_leading_somewhere(html) if status >= 400 else html, status)


# As components/error_summary.html writes it.
_SUMMARY_LINK = re.compile(r'<a class="error-summary__link" href="#([^"]*)">(.*?)</a>', re.DOTALL)


def _leading_somewhere(html: str) -> str:
    """*html* with the links of the error summary that lead to nothing made plain words.

    The summary is drawn before the form, and which fields stand on a page depends on what somebody may choose; a
    refusal may name one that does not.
    """
    return _SUMMARY_LINK.sub(lambda link: link[0] if f' id="{link[1]}"' in html else link[2], html)


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
