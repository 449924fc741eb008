"""The portal's home and the request types."""

from typing import Any

from flask import redirect, url_for

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases.panels import columns_of, merge_panel_values, panels_at
from portal.cases.queries import request_types
from portal.cases.queries.lists import count_waiting_cases, home_cases
from portal.cases.routes import cases
from portal.tenants.queries.actors import has_desk
from portal.web.current import ctx
from portal.web.guards import on_portal
from portal.web.htmx import page
from portal.web.urls import parameter


@cases.get("/")
@on_portal
def home() -> Any:
    """P-01. Staff without a place at a client belong on the desk."""
    context = ctx()
    if not context.actor.memberships and has_desk(context, context.person):
        return redirect("/desk", 303)
    accounts = {row.account_id for row in context.actor.access}
    types, rows = request_types(context, accounts), home_cases(context)
    panels = panels_at(context, "home", types)
    return page(
        "cases/home.html",
        types=types,
        rows=rows,
        columns=columns_of(context, rows),
        panels=panels,
        asides=merge_panel_values(panels, "tiles"),
        waiting=count_waiting_cases(context),
        may_open=can(context.actor, Permission.CASE_OPEN),
    )


@cases.get("/new")
@on_portal
def choose_type() -> Any:
    """P-02: the tiles; with one type straight to its form."""
    context = ctx()
    accounts = {row.account_id for row in context.actor.access}
    types = request_types(context, accounts)
    carried: dict[str, Any] = {name: parameter(name) for name in ("subject", "account") if parameter(name)}
    if len(types) == 1:
        return redirect(url_for("cases.opening_form", key=types[0].key, **carried), 303)
    asides = merge_panel_values(panels_at(context, "home", types), "tiles")
    return page("cases/choose_type.html", types=types, carried=carried, asides=asides)
