"""Sharing of a case, from the desk."""

from typing import Any

from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.actions import people
from portal.cases.forms.people import SharingForm
from portal.cases.models import Case
from portal.cases.pages.audience import back_to_audience, render_desk_audience
from portal.cases.pages.form_values import parse_person_id
from portal.cases.pages.verb_page import reload_case
from portal.cases.queries import by_key
from portal.cases.routes.blueprints import desk
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.tenants.queries import organizations as organization_queries
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import requires


@desk.get("/cases/<key:key>/sharing")
@requires(Permission.CASE_SHARE)
def sharing_form(key: str) -> Any:
    """Show the audience with the rules that admit them, and the effect of the other visibility."""
    case = by_key(ctx(), key)
    require(ctx().actor, Permission.CASE_SHARE, case)
    return render_page(ctx(), case, SharingForm(formdata=None))


def render_page(context: Context, case: Case, form: SharingForm, status: int = 200) -> Any:
    """The page with the organizations that the case could be shared with."""
    shared = {grant.to_organization_id for grant in case.grants} | {case.organization_id}
    known = organization_queries.organization_choices(context)
    others = [(row.id, row.name) for row in known if row.id not in shared]
    return render_desk_audience(
        context, case, form, status, "desk/sharing.html", offered="others", organizations=others
    )


@desk.post("/cases/<key:key>/sharing")
@requires(Permission.CASE_SHARE)
def share(key: str) -> Any:
    """Change the visibility, share with a colleague or an organization, or remove a grant."""
    context, form = ctx(), SharingForm()
    case = by_key(context, key, lock=True)
    require(context.actor, Permission.CASE_SHARE, case)

    def act() -> None:
        if form.remove.data:
            people.remove_person(context, case, parse_person_id(form.remove.data))
        elif form.organization.data:
            wanted = ids.parse_id(form.organization.data)
            found = next((row for row in organization_queries.organization_choices(context) if row.id == wanted), None)
            if found is None:
                raise Refused(_("Choose another organization"), "organization")
            people.share_with_organization(context, case, found)
        elif form.person.data:
            people.share_with(context, case, form.person.data)
        else:
            people.set_visibility(context, case, form.visibility.data or "")

    failed = submit_form(form, act)
    return render_page(context, reload_case(context, key, form), form, failed) if failed else back_to_audience(case)
