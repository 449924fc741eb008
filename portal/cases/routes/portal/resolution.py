"""The customer's decision about a solution (P-07)."""

from typing import Any

from flask import flash, request
from flask_babel import gettext as _

from portal.attachments.form_files import collect_files, draft_rows, upload_rows
from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases import states
from portal.cases.actions import resolution
from portal.cases.forms.fields import idempotency_key
from portal.cases.forms.resolution import RejectForm
from portal.cases.models import Case
from portal.cases.pages.urls import portal_case_url
from portal.cases.queries import by_key, conversation
from portal.cases.routes.blueprints import cases
from portal.cases.vocabulary import vocabulary
from portal.kernel.context import Context
from portal.web.current import ctx
from portal.web.drafts import open_form
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import on_portal
from portal.web.htmx import page, see


@cases.get("/cases/<key:key>/resolution")
@on_portal
def decide(key: str) -> Any:
    """The solution with both answers, as a page."""
    case = by_key(ctx(), key)
    require(ctx().actor, Permission.CASE_ACCEPT, case)
    if not ctx().provider.customer_decides:
        return see(portal_case_url(case))
    form = open_form(RejectForm, f"/cases/{case.key}/resolution/reject")
    return render_page(ctx(), case, form, files=draft_rows(ctx(), form))


@cases.get("/cases/<key:key>/resolution/accept")
@on_portal
def accept_form(key: str) -> Any:
    """The same page, at the URL of accepting."""
    return decide(key)


@cases.get("/cases/<key:key>/resolution/reject")
@on_portal
def reject_form(key: str) -> Any:
    """The same page, at the URL of rejecting."""
    return decide(key)


def render_page(context: Context, case: Case, form: RejectForm, status: int = 200, files: Any = ()) -> Any:
    """The solution and both answers to it."""
    solution = conversation.conversation(context, case).solution
    return page(
        "cases/resolution.html",
        status,
        rejecting=request.args.get("choice") == "reject" or request.path.endswith("/reject"),
        case=case,
        form=form,
        solution=solution,
        staged=files,
        decided=case.state != states.State.RESOLVED,
        label=vocabulary(context, "contact").of(case),
    )


@cases.post("/cases/<key:key>/resolution/accept")
@on_portal
def accept(key: str) -> Any:
    """Accept the solution. The case page may show a survey."""
    context = ctx()
    case = by_key(context, key, lock=True)
    form = PressForm()
    status = submit_form(form, lambda: resolution.accept(context, case))
    if status:
        empty = RejectForm(formdata=None)
        empty.form_errors, empty.conflict = [*form.form_errors], form.conflict
        return render_page(context, by_key(context, key), empty, status)
    if case.state == states.State.RESOLVED:
        flash(_("Thank you. The case closes when everybody whom it hits has answered, or by itself."))
        return see(portal_case_url(case))
    flash(_("Thank you. Case %(key)s is closed.", key=case.key))
    return see(portal_case_url(case, "survey"))


@cases.post("/cases/<key:key>/resolution/reject")
@on_portal
def reject(key: str) -> Any:
    """Reject the solution with a reason; the case is open again."""
    context = ctx()
    require(context.actor, Permission.CASE_ACCEPT, by_key(context, key))
    form = RejectForm()
    files = collect_files(context, form)
    case = by_key(context, key, lock=True)
    status = submit_form(
        form,
        lambda: resolution.reject(
            context, case, reason=form.reason.data, staged=files, idempotency_key=idempotency_key(form)
        ),
    )
    if status:
        return render_page(context, by_key(context, key), form, status, upload_rows(context, files))
    flash(_("We reopened the case."))
    return see(portal_case_url(case, "latest"))
