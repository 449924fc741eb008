"""Promises of one case: the receipt for both sides with objections (N3), the update (N6), why a promise was broken."""

from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _

from portal.authz.access import can, require
from portal.authz.permissions import Permission
from portal.cases.actions.savepoint import run_in_savepoint
from portal.cases.models import Case
from portal.cases.queries import by_key
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, NotFound, Refused
from portal.sla.actions import records, updates
from portal.sla.forms.disputes import AnswerForm, BreachForm, ObjectionForm, UpdateForm
from portal.sla.labels import statuses
from portal.sla.queries import receipts
from portal.sla.queries.promises import shown_promise
from portal.sla.routes.blueprint import promises, seen
from portal.web.current import ctx
from portal.web.guards import on_portal, requires
from portal.web.htmx import page, see
from portal.web.urls import local_path, parameter


def receipt_page(context: Context, case: Case, form: Any, status: int = 200) -> Any:
    """The receipt for whoever reads: the same numbers on both sides."""
    staff = context.actor.is_staff
    return page(
        "sla/disputes/receipt_desk.html" if staff else "sla/disputes/receipt.html",
        status,
        case=case,
        form=form,
        ledgers=receipts.receipt(context, case),
        shown=shown_promise(context, case),
        words=statuses,
        now=context.now,
        may_object=not staff and can(context.actor, Permission.CASE_REPLY, case),
        may_answer=staff and can(context.actor, Permission.CASE_ANSWER, case),
        base=f"/desk/cases/{case.key}" if staff else f"/cases/{case.key}",
    )


def counted_case(context: Context, key: str) -> Case:
    """A case of which its customer may read how time was counted; NotFound where the provider shows no times."""
    case = by_key(context, key)
    if context.provider.promises_shown != "dates":
        raise NotFound
    return case


@promises.get("/cases/<key:key>/promises")
@on_portal
def receipt(key: str) -> Any:
    """How the time of a case was counted; printable."""
    context = ctx()
    form = ObjectionForm(formdata=None)
    form.line.data = parameter("line", 50)
    return receipt_page(context, counted_case(context, key), form)


@promises.post("/cases/<key:key>/promises")
@on_portal
def object_to(key: str) -> Any:
    """Object to one line of it."""
    context, form = ctx(), ObjectionForm()
    case = counted_case(context, key)
    require(context.actor, Permission.CASE_REPLY, case)
    if form.validate_on_submit():
        try:
            clock_id, segment = form.stretch()
            row = receipts.clock(context, clock_id) if clock_id is not None else None
            if row is None or row.case_id != case.id:
                raise Refused(_("Choose the line that you do not agree with"), "line")
            records.object_to(context, case, row, segment=segment, text=form.text.data)
        except (NotFound, Refused) as refusal:
            missing = Refused(_("Choose the line that you do not agree with"), "line")
            form.reject(refusal if isinstance(refusal, Refused) and refusal.field == "text" else missing)
        except Conflict as conflict:
            form.form_errors.append(conflict.message)
            return receipt_page(context, case, form, 409)
        else:
            flash(_("Support reads your objection and answers here."))
            return see(url_for("promises.receipt", key=case.key))
    return receipt_page(context, case, form, 422)


@promises.get("/desk/cases/<key:key>/promises")
@requires(Permission.CASE_READ)
def receipt_for_staff(key: str) -> Any:
    """The receipt as the customer sees it, with the objections to answer."""
    context = ctx()
    return receipt_page(context, by_key(context, key), AnswerForm(formdata=None))


@promises.post("/desk/cases/<key:key>/promises")
@requires(Permission.CASE_ANSWER)
def answer_objection(key: str) -> Any:
    """Answer one objection."""
    context, form = ctx(), AnswerForm()
    case = by_key(context, key)
    require(context.actor, Permission.CASE_ANSWER, case)
    status = 422
    if form.validate_on_submit():
        try:
            wanted = ids.parse(form.objection.data)
            row = next((one for one in receipts.objections(context, case) if one.id == wanted), None)
            if row is None:
                raise Refused(_("Choose the objection that you answer"), "objection")
            if form.verdict.data not in ("agreed", "kept"):
                raise Refused(_("Choose whether the customer is right"), "verdict")
            agree = form.verdict.data == "agreed"
            records.answer_objection(context, case, row, agree=agree, answer=form.answer.data)
        except Refused as refusal:
            form.reject(refusal)
        except Conflict as conflict:
            form.form_errors.append(conflict.message)
            status = 409
        else:
            flash(_("Answered. The customer reads it on the receipt."))
            return see(url_for("promises.receipt_for_staff", key=case.key))
    return receipt_page(context, case, form, status)


# -- why a promise was broken -----------------------------------------------------------------------------------------


def breach_page(context: Context, case: Case, form: BreachForm, status: int = 200) -> Any:
    """Every broken promise with its reason, and a form for the first without one."""
    late = receipts.late_clocks(context, case)
    open_ones = receipts.unexplained(late)
    form.reason.choices = [("", _("Choose")), *statuses.reasons()]
    if not form.clock.data and open_ones:
        form.clock.data = str(open_ones[0][0].id)
    return page(
        "sla/breaches/edit.html",
        status,
        case=case,
        form=form,
        late=late,
        open_ones=open_ones,
        words=statuses,
        base=f"/desk/cases/{case.key}",
    )


@promises.get("/desk/cases/<key:key>/breach")
@requires(Permission.CASE_STATUS)
def breach(key: str) -> Any:
    """Why was it late?"""
    context = ctx()
    case = by_key(context, key)
    require(context.actor, Permission.CASE_STATUS, case)
    form = BreachForm(formdata=None)
    form.next.data = local_path(parameter("next"), "")
    return breach_page(context, case, form)


@promises.post("/desk/cases/<key:key>/breach")
@requires(Permission.CASE_STATUS)
def explain(key: str) -> Any:
    """Write it down; then back to what one was about to do, once every broken promise has its reason."""
    context, form = ctx(), BreachForm()
    case = by_key(context, key)
    require(context.actor, Permission.CASE_STATUS, case)
    form.reason.choices = [("", _("Choose")), *statuses.reasons()]
    if not form.validate_on_submit():
        return breach_page(context, case, form, 422)
    wanted = ids.parse(form.clock.data)
    row = next((row for row, _one in receipts.late_clocks(context, case) if row.id == wanted), None)
    try:
        if row is None:
            raise Refused(_("Choose the promise that was broken"), "clock")
        records.explain_breach(context, case, row, reason=form.reason.data or "", note=form.note.data or "")
    except Refused as refusal:
        form.reject(refusal)
        return breach_page(context, case, form, 422)
    except Conflict as conflict:
        form.form_errors.append(conflict.message)
        return breach_page(context, case, form, 409)
    after = local_path(form.next.data, "")
    if receipts.unexplained(receipts.late_clocks(context, case)):
        return see(url_for("promises.breach", key=case.key, next=after or None))
    flash(_("Every broken promise has its reason."))
    return see(after or url_for("desk.show", key=case.key))


# -- the update -------------------------------------------------------------------------------------------------------


def update_page(context: Context, case: Case, form: UpdateForm, status: int = 200) -> Any:
    """The form, and how often in a row there was no news."""
    _text, times = updates.suggested(context, case)
    form.once.data = form.once.data or ids.new_id().hex
    form.version.data = form.version.data or str(case.version)
    return page("sla/updates/edit.html", status, case=case, form=form, no_news=times, base=f"/desk/cases/{case.key}")


def answerable(context: Context, key: str, *, lock: bool = False) -> Case:
    """The case, for somebody who may answer it; NotFound for one that is over: there is no update to give."""
    case = by_key(context, key, lock=lock)
    require(context.actor, Permission.CASE_ANSWER, case)
    if not case.unresolved:
        raise NotFound
    return case


@promises.get("/desk/cases/<key:key>/update")
@requires(Permission.CASE_ANSWER)
def update(key: str) -> Any:
    """The update, prepared from what the customer may know."""
    context = ctx()
    case = answerable(context, key)
    text, times = updates.suggested(context, case)
    form = UpdateForm(formdata=None)
    form.body.data, form.no_news.data = text, times == 0
    return update_page(context, case, form)


@promises.post("/desk/cases/<key:key>/update")
@requires(Permission.CASE_ANSWER)
def send_update(key: str) -> Any:
    """Send it; it counts as news."""
    context, form = ctx(), UpdateForm()
    case = answerable(context, key, lock=True)
    if not form.validate_on_submit():
        return update_page(context, case, form, 422)
    try:
        run_in_savepoint(
            context,
            lambda: updates.log_update(
                context,
                case,
                body=form.body.data,
                no_news=bool(form.no_news.data),
                idempotency_key=form.once.data or None,
                expected_version=seen(form),
            ),
        )
    except Refused as refusal:
        form.reject(refusal)
        return update_page(context, by_key(context, key), form, 422)
    except Conflict as conflict:
        form.form_errors.append(conflict.message)
        fresh = by_key(context, key)
        form.version.data = str(fresh.version)
        return update_page(context, fresh, form, 409)
    flash(_("The update was sent to %(name)s.", name=case.contact_user.name))
    return see(url_for("desk.show", key=case.key, _anchor="latest"))
