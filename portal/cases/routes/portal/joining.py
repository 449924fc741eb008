"""It hits me too: joining a case that one sees."""

from typing import Any

from flask import flash
from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.actions import joins
from portal.cases.forms.people import JoinForm
from portal.cases.labels import environment_label
from portal.cases.models import Case
from portal.cases.pages.urls import portal_case_url
from portal.cases.queries import by_key
from portal.cases.routes.blueprints import cases
from portal.kernel import ids
from portal.kernel.context import Context
from portal.tenants.queries.environments import active_environments
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import on_portal
from portal.web.htmx import page, see


@cases.get("/cases/<key:key>/join")
@on_portal
def join_form(key: str) -> Any:
    """Ask where it hits the reader, and how."""
    context = ctx()
    case = by_key(context, key)
    require(context.actor, Permission.CASE_READ, case)
    return render_page(context, case, _offered(context, case, JoinForm(formdata=None)))


@cases.post("/cases/<key:key>/join")
@on_portal
def join(key: str) -> Any:
    """Make the reader one of those whom the case affects."""
    context = ctx()
    case = by_key(context, key, lock=True)
    form = _offered(context, case, JoinForm())
    status = submit_form(
        form,
        lambda: joins.join(
            context, case, environment_id=ids.parse_id(form.environment.data), impact=form.impact.data or ""
        ),
    )
    if status:
        return render_page(context, by_key(context, key), form, status)
    flash(_("You are one of those whom this case affects. You hear how it goes on."))
    return see(portal_case_url(case))


def render_page(context: Context, case: Case, form: JoinForm, status: int = 200) -> Any:
    """The form, or why there is nothing to join."""
    return page(
        "cases/join.html",
        status,
        case=case,
        form=form,
        fits=joins.may_join(context, case),
        joined=joins.belongs_already(context, case),
    )


def _offered(context: Context, case: Case, form: JoinForm) -> JoinForm:
    """*form* with the environments of the case's account that are the reader's own."""
    own = active_environments(context, [case.account_id])
    form.environment.choices = [*((str(one.id), environment_label(one)) for one in own), ("", _("I don't know"))]
    return form
