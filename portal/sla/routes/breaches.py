"""The reason for a broken promise: /desk/cases/<KEY>/breach."""

from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.models import Case
from portal.cases.queries import by_key
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.sla import labels
from portal.sla.actions import breaches
from portal.sla.forms.breaches import BreachForm
from portal.sla.queries import breaches as breach_queries
from portal.sla.routes.blueprint import promises
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import requires
from portal.web.htmx import page, see
from portal.web.urls import local_path, text_parameter


def show_form(context: Context, case: Case, form: BreachForm, status: int = 200) -> Any:
    """Every broken promise with its reason, and a form for the first without one."""
    late = breach_queries.broken_clocks(context, case)
    open_ones = breach_queries.without_reason(late)
    form.reason.choices = [("", _("Choose")), *labels.breach_reason_choices()]
    if not form.clock.data and open_ones:
        form.clock.data = str(open_ones[0][0].id)
    return page(
        "sla/breaches/edit.html",
        status,
        case=case,
        form=form,
        late=late,
        open_ones=open_ones,
        labels=labels,
        base=f"/desk/cases/{case.key}",
    )


@promises.get("/desk/cases/<key:key>/breach")
@requires(Permission.CASE_STATUS)
def breach_form(key: str) -> Any:
    """The page that asks for the reason."""
    context = ctx()
    case = by_key(context, key)
    require(context.actor, Permission.CASE_STATUS, case)
    form = BreachForm(formdata=None)
    form.next.data = local_path(text_parameter("next"), "")
    return show_form(context, case, form)


@promises.post("/desk/cases/<key:key>/breach")
@requires(Permission.CASE_STATUS)
def explain_breach(key: str) -> Any:
    """Store the reason. When every broken promise has one, return to the verb."""
    context, form = ctx(), BreachForm()
    case = by_key(context, key)
    require(context.actor, Permission.CASE_STATUS, case)
    form.reason.choices = [("", _("Choose")), *labels.breach_reason_choices()]

    def act() -> None:
        wanted = ids.parse_id(form.clock.data)
        row = next((row for row, _one in breach_queries.broken_clocks(context, case) if row.id == wanted), None)
        if row is None:
            raise Refused(_("Choose the promise that was broken"), "clock")
        breaches.explain_breach(context, case, row, reason=form.reason.data or "", note=form.note.data or "")

    status = submit_form(form, act)
    if status:
        return show_form(context, by_key(context, key), form, status)
    after = local_path(form.next.data, "")
    if breach_queries.without_reason(breach_queries.broken_clocks(context, case)):
        return see(url_for("promises.breach_form", key=case.key, next=after or None))
    flash(_("Every broken promise has its reason."))
    return see(after or url_for("desk.show", key=case.key))
