"""Two-way check of a call: on the desk, on the portal, and which request types need it."""

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.calls import labels
from portal.calls.actions import checks as actions
from portal.calls.forms.checks import CheckCodeForm, CheckedTypesForm, SkipCheckForm
from portal.calls.models import CallCheck
from portal.calls.queries import checks as queries
from portal.calls.routes.blueprint import calls, configures
from portal.calls.rules import MOST_TRIES, CheckState, is_running
from portal.cases.queries import by_key, request_types
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import on_portal, requires
from portal.web.htmx import page, see


@calls.get("/desk/cases/<key:key>/call-check")
@requires(Permission.CASE_ANSWER)
def desk_check(key: str) -> Any:
    """The running check with the counter-code, or the button that starts one."""
    return _desk_page(ctx(), key, CheckCodeForm(formdata=None))


@calls.post("/desk/cases/<key:key>/call-check")
@requires(Permission.CASE_ANSWER)
def start_check(key: str) -> Any:
    """Start a check."""
    context, form = ctx(), PressForm()
    case = by_key(context, key, lock=True)
    status = submit_form(form, lambda: actions.start_check(context, case))
    if status:
        return _desk_page(context, key, CheckCodeForm(formdata=None), status, start=form)
    return see(url_for("calls.desk_check", key=case.key))


@calls.get("/desk/cases/<key:key>/call-check/code")
@requires(Permission.CASE_ANSWER)
def lead_back_to_check(key: str) -> Any:
    """The form stands on the page of the check."""
    return see(url_for("calls.desk_check", key=by_key(ctx(), key).key))


@calls.post("/desk/cases/<key:key>/call-check/code")
@requires(Permission.CASE_ANSWER)
def type_on_desk(key: str) -> Any:
    """Type the code that the contact reads out."""
    context, form = ctx(), CheckCodeForm()
    case = by_key(context, key, lock=True)
    right: list[bool] = []
    status = submit_form(form, lambda: right.append(actions.type_code(context, case, form.code.data or "")))
    if status:
        return _desk_page(context, key, form, status)
    _flash_result(context, queries.latest_check(context, case), right[0])
    return see(url_for("calls.desk_check", key=case.key))


@calls.route("/desk/cases/<key:key>/call-check/skip", methods=["GET", "POST"])
@requires(Permission.CASE_SKIP_CHECK)
def skip_check(key: str) -> Any:
    """Say why the case needs no check."""
    context, form = ctx(), SkipCheckForm()
    case = by_key(context, key, lock=request.method == "POST")
    require(context.actor, Permission.CASE_SKIP_CHECK, case)
    if form.is_submitted():
        status = submit_form(form, lambda: actions.skip_check(context, case, reason=form.reason.data or ""))
        if not status:
            flash(_("Saved."), "success")
            return see(url_for("desk.show", key=case.key))
        return page("calls/desk/skip_check.html", status, form=form, case=case, trail=_trail(case.key))
    return page("calls/desk/skip_check.html", form=form, case=case, trail=_trail(case.key))


@calls.get("/cases/<key:key>/call-check")
@on_portal
def own_check(key: str) -> Any:
    """The code of the contact, and the form for the counter-code."""
    return _portal_page(ctx(), key, CheckCodeForm(formdata=None))


@calls.post("/cases/<key:key>/call-check")
@on_portal
def type_on_portal(key: str) -> Any:
    """Type the code that support reads out."""
    context, form = ctx(), CheckCodeForm()
    case = by_key(context, key, lock=True)
    if queries.latest_check(context, case) is None:
        raise NotFound
    right: list[bool] = []
    status = submit_form(form, lambda: right.append(actions.type_code(context, case, form.code.data or "")))
    if status:
        return _portal_page(context, key, form, status)
    _flash_result(context, queries.latest_check(context, case), right[0])
    return see(url_for("calls.own_check", key=case.key))


@calls.route("/admin/phone/checks", methods=["GET", "POST"])
@configures
def checked_types() -> Any:
    """Which request types need a check."""
    context, form = ctx(), CheckedTypesForm()
    types = request_types(context)
    if form.is_submitted():
        known = {row.id for row in types}
        chosen = [type_id for type_id in form.types.ids() if type_id in known]
        status = submit_form(form, lambda: actions.choose_checked_types(context, chosen))
        if not status:
            flash(_("Saved."), "success")
            return see(url_for("calls.hotlines"))
        return page("calls/admin/checks.html", status, form=form, types=types)
    form.types.data = [str(type_id) for type_id in queries.checked_types(context)]
    return page("calls/admin/checks.html", form=form, types=types)


def _trail(key: str) -> list[tuple[str, str]]:
    return [(key, url_for("desk.show", key=key))]


def _desk_page(
    context: Context, key: str, form: CheckCodeForm, status: int = 200, *, start: PressForm | None = None
) -> Any:
    case = by_key(context, key)
    require(context.actor, Permission.CASE_ANSWER, case)
    check = queries.latest_check(context, case)
    running = check is not None and is_running(check, context.now) and check.staff_id == context.actor.staff_id
    return page(
        "calls/desk/check.html",
        status,
        form=start or form,
        code_form=form,
        case=case,
        check=check,
        running=running,
        counter=queries.code_of_staff(check) if running and check is not None else "",
        labels=labels,
        trail=_trail(case.key),
    )


def _portal_page(context: Context, key: str, form: CheckCodeForm, status: int = 200) -> Any:
    """The page of the contact; NotFound for everybody else, and where no check was started."""
    case = by_key(context, key)
    check = queries.latest_check(context, case)
    if check is None:
        raise NotFound
    running = is_running(check, context.now)
    return page(
        "calls/check.html",
        status,
        form=form,
        case=case,
        check=check,
        running=running,
        code=queries.code_of_contact(check) if running else "",
        labels=labels,
    )


def _flash_result(context: Context, check: CallCheck | None, right: bool) -> None:
    """Say what typing the code led to."""
    if check is None:
        return
    if check.state == CheckState.PASSED:
        flash(_("Both codes are right: the call is checked."), "success")
    elif check.state == CheckState.FAILED:
        flash(_("The code was wrong too often: end the call."))
    elif right:
        flash(_("The code is right. The other side has not typed its code yet."), "success")
    else:
        left = MOST_TRIES - (check.contact_tries if context.actor.is_contact else check.staff_tries)
        flash(ngettext("The code is wrong. %(num)d try is left.", "The code is wrong. %(num)d tries are left.", left))
