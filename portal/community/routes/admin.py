"""/admin/community: the spaces. Without one there is no community."""

import uuid
from typing import Any

from flask import flash, request
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.community.actions import spaces as actions
from portal.community.forms import SpaceForm
from portal.community.models import CommunitySpace
from portal.community.pages import show
from portal.community.queries import spaces as queries
from portal.community.routes.blueprint import community
from portal.sla.queries import calendars as calendar_queries
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import requires
from portal.web.htmx import see

BASE = "/admin/community"
configures = requires(Permission.PROVIDER_CONFIGURE)


@community.get("/admin/community")
@configures
def admin_spaces() -> Any:
    """Every space, and for whom it is."""
    context = ctx()
    rows = queries.spaces(context, active=False)
    named = {row.id: queries.named_organizations(context, row) for row in rows if not row.everybody}
    return show("community/admin/spaces.html", rows=rows, named=named, base=BASE)


@community.route("/admin/community/new", methods=["GET", "POST"])
@configures
def new_space() -> Any:
    """Make a space."""
    context = ctx()
    form = _form(None)
    status = submit_form(form, lambda: actions.add_space(context, form.facts())) if request.method == "POST" else 200
    if not status:
        flash(_("The space is there. Its customers see “Community” in their menu."), "success")
        return see(BASE)
    if request.method == "GET":
        form.audience.data = "chosen"
    return show("community/admin/space.html", status, form=form, row=None, base=BASE)


@community.route("/admin/community/<uuid:space_id>", methods=["GET", "POST"])
@configures
def change_space(space_id: uuid.UUID) -> Any:
    """Change a space, or take it out of use."""
    context = ctx()
    row = queries.space(context, space_id, lock=request.method == "POST")
    form = _form(row)
    if request.method == "GET":
        form.fill(row, queries.named_organizations(context, row))
        return show("community/admin/space.html", form=form, row=row, base=BASE)
    status = submit_form(form, lambda: actions.change_space(context, row, form.facts()), current=row.version)
    if status:
        return show("community/admin/space.html", status, form=form, row=row, base=BASE)
    flash(_("Saved."), "success")
    return see(BASE)


def _form(row: CommunitySpace | None) -> SpaceForm:
    """The form with what can be chosen, and what *row* has chosen already."""
    context = ctx()
    form = SpaceForm()
    organizations = {one.id: one for one in queries.organization_choices(context)}
    calendars = {one.id: one for one in calendar_queries.calendars(context)}
    if row is not None:
        organizations |= {one.id: one for one in queries.named_organizations(context, row)}
        if row.calendar_id is not None and row.calendar_id not in calendars:
            calendars[row.calendar_id] = calendar_queries.calendar(context, row.calendar_id)
    form.offer(list(organizations.values()), list(calendars.values()))
    return form
