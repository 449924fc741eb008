"""The frame of the pages under /me."""

from typing import Any

from flask import Response, current_app

from portal.web.current import ctx
from portal.web.htmx import page

# Tabs of later features appear when their page exists.
_TABS = (
    "identity.profile",
    "identity.preferences",
    "notifications.preferences",
    "identity.security",
    "identity.sessions",
)


def me_page(template: str, status: int = 200, /, **values: Any) -> Response:
    """A page of /me in the layout of the person's present side."""
    layout = "layouts/desk.html" if ctx().actor.is_staff else "layouts/portal.html"
    tabs = [name for name in _TABS if name in current_app.view_functions]
    return page(template, status, layout=layout, tabs=tabs, **values)
