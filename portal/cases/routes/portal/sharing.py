"""Sharing of a case, from the portal."""

from typing import Any

from flask import flash
from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.actions import people
from portal.cases.forms.people import SharingForm
from portal.cases.pages.audience import render_portal_audience
from portal.cases.pages.form_values import parse_person_id
from portal.cases.pages.urls import portal_case_url
from portal.cases.queries import by_key
from portal.cases.routes.blueprints import cases
from portal.kernel.errors import Refused
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import on_portal
from portal.web.htmx import see


@cases.get("/cases/<key:key>/sharing")
@on_portal
def sharing_form(key: str) -> Any:
    """Show the audience and the effect of the other visibility."""
    case = by_key(ctx(), key)
    require(ctx().actor, Permission.CASE_SHARE, case)
    return render_portal_audience(ctx(), case, SharingForm(formdata=None), offered="others")


@cases.post("/cases/<key:key>/sharing")
@on_portal
def share(key: str) -> Any:
    """Change the visibility, share with a colleague, or remove a grant."""
    context = ctx()
    case = by_key(context, key, lock=True)
    require(context.actor, Permission.CASE_SHARE, case)
    form = SharingForm()

    def act() -> None:
        if form.remove.data:
            people.remove_person(context, case, parse_person_id(form.remove.data))
        elif form.person.data:
            people.share_with(context, case, form.person.data)
        elif form.visibility.data:
            people.set_visibility(context, case, form.visibility.data)
        else:
            raise Refused(_("Choose who can see this case"), "visibility")

    status = submit_form(form, act)
    if status:
        return render_portal_audience(context, by_key(context, key), form, status, offered="others")
    flash(_("Saved. This is who can see the case now."))
    return see(portal_case_url(case, "shared"))
