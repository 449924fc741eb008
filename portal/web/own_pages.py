"""The frame of the pages under /me."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, current_app, request

from portal.kernel.context import Context
from portal.web.current import ctx
from portal.web.htmx import page

# Tabs of later features appear when their page exists.
_TABS = (
    "identity.profile",
    "identity.preferences",
    "cases.default_account",
    "notifications.preferences",
    "calls.extension",
    "identity.security",
    "identity.factors",
    "sso.own_sign_ins",
    "identity.sessions",
)
_conditions: dict[str, Callable[[Context], bool]] = {}


def register_own_pages(conditions: Mapping[str, Callable[[Context], bool]]) -> None:
    """Register, by endpoint, whether a tab has anything for the person; a tab without a condition always has."""
    _conditions.clear()
    _conditions.update(conditions)


def me_page(template: str, status: int = 200, /, **values: Any) -> Response:
    """A page of /me in the layout of the person's present side."""
    layout = "layouts/desk.html" if ctx().actor.is_staff else "layouts/portal.html"
    tabs = [name for name in _TABS if name in current_app.view_functions and _is_shown(name)]
    return page(template, status, layout=layout, tabs=tabs, **values)


def _is_shown(name: str) -> bool:
    return request.endpoint == name or name not in _conditions or _conditions[name](ctx())
