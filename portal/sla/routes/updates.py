"""The promised update (N6): /desk/cases/<KEY>/update."""

from typing import Any

from flask import flash, url_for

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases import labels
from portal.cases.models import Case
from portal.cases.queries import by_key
from portal.cases.queries.interface import find_receivers
from portal.cases.queries.nobody_reads import reading_values
from portal.cases.queries.people import customer_readers
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.sla.actions import updates
from portal.sla.forms.updates import UpdateForm
from portal.sla.routes.blueprint import expected_version, promises
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import requires
from portal.web.htmx import page, see


def show_form(context: Context, case: Case, form: UpdateForm, status: int = 200) -> Any:
    """The form, and the number of updates without news in a row."""
    _text, times = updates.suggest_update(context, case)
    form.once.data = form.once.data or ids.new_id().hex
    form.version.data = form.version.data or str(case.version)
    return page(
        "sla/updates/edit.html",
        status,
        case=case,
        form=form,
        no_news=times,
        base=f"/desk/cases/{case.key}",
        **reading_values(context, case),
    )


def answerable_case(context: Context, key: str, *, lock: bool = False) -> Case:
    """The case, for a person who may answer it; NotFound for a resolved or closed one."""
    case = by_key(context, key, lock=lock)
    require(context.actor, Permission.CASE_ANSWER, case)
    if not case.unresolved:
        raise NotFound
    return case


@promises.get("/desk/cases/<key:key>/update")
@requires(Permission.CASE_ANSWER)
def update_form(key: str) -> Any:
    """The form with an update prepared from public facts."""
    context = ctx()
    case = answerable_case(context, key)
    text, times = updates.suggest_update(context, case)
    form = UpdateForm(formdata=None)
    form.body.data, form.no_news.data = text, times == 0
    return show_form(context, case, form)


@promises.post("/desk/cases/<key:key>/update")
@requires(Permission.CASE_ANSWER)
def send_update(key: str) -> Any:
    """Send the update."""
    context, form = ctx(), UpdateForm()
    case = answerable_case(context, key, lock=True)
    status = submit_form(
        form,
        lambda: updates.send_update(
            context,
            case,
            body=form.body.data,
            no_news=bool(form.no_news.data),
            idempotency_key=form.once.data or None,
            expected_version=expected_version(form),
            anyway=form.send_anyway(),
        ),
    )
    if status:
        fresh = by_key(context, key)
        form.version.data = str(fresh.version)
        return show_form(context, fresh, form, status)
    told = find_receivers(context, case, "case.answered")
    flash(labels.sent_sentence(told, readable=bool(told or customer_readers(context, case))))
    return see(url_for("desk.show", key=case.key, _anchor="latest"))
