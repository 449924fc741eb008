"""The home page of the portal (P-01)."""

from typing import Any

from flask import redirect

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases.panels import columns_of, merge_panel_values, panels_at
from portal.cases.queries import request_types
from portal.cases.queries.lists import count_own_cases_to_act_on, home_cases
from portal.cases.routes.blueprints import cases
from portal.registrations.queries import own_registration
from portal.tenants.queries.actors import has_desk
from portal.web.current import ctx
from portal.web.guards import on_portal
from portal.web.htmx import page


@cases.get("/")
@on_portal
def home() -> Any:
    """The home page. Staff without a membership are redirected to the desk."""
    context = ctx()
    if not context.actor.memberships and has_desk(context, context.person):
        return redirect("/desk", 303)
    # Who registered reads what happens next.
    registration = own_registration(context) if not context.actor.memberships else None
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
        to_act_on=count_own_cases_to_act_on(context),
        registration=registration,
        may_open=can(context.actor, Permission.CASE_OPEN),
    )
