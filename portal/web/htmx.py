"""Fragments: the same URL answers the page, or only the changed regions when htmx asks (ux.md 4)."""

from typing import Any

from flask import Response, g, make_response, redirect, render_template, request
from wtforms.widgets import HiddenInput

from portal.web.forms import Form
from portal.web.unsent_text import find_missing_files, find_missing_text

# The answers to a form that was not taken, on a page of its own.
SHOWS_UNSENT = (403, 409, 410, 422)


def wants_fragment() -> bool:
    """Whether htmx asks for a part of the page (and not for a page to restore)."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def page(template: str, status: int = 200, /, **values: Any) -> Response:
    """Render *template* with *status*. A refusal's summary links only to fields that the page shows.

    The summary is drawn before the form, and which fields a page shows depends on what its reader may choose. So a page
    that lacks a field with an error is drawn a second time; its template then finds the field in `g.absent_fields`.

    A page with one of the statuses `SHOWS_UNSENT` that does not show a text of the form that was sent (the object is in
    a state that has no such form any more) is drawn with that text in its notices: `g.unsent`. So are the names of
    files that have to be chosen again: `g.unsent_files`.
    """
    html = render_template(template, **values)
    if status >= 400:
        g.absent_fields = _find_absent_fields(html, values)
        g.unsent = find_missing_text(html) if status in SHOWS_UNSENT else []
        g.unsent_files = find_missing_files(html) if status in SHOWS_UNSENT else []
        if g.absent_fields or g.unsent or g.unsent_files:
            html = render_template(template, **values)
    return make_response(html, status)


def _find_absent_fields(html: str, values: dict[str, Any]) -> frozenset[str]:
    """The ids of the fields with errors, of all forms in *values*, that *html* does not show."""
    forms = [value for value in values.values() if isinstance(value, Form)]
    fields = [field for form in forms for field in form if field.errors and not isinstance(field.widget, HiddenInput)]
    return frozenset(field.id for field in fields if f' id="{field.id}"' not in html)


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
