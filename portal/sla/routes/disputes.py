"""The receipt of one case for both sides, with objections (N3)."""

from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _

from portal.authz.access import can, require
from portal.authz.permissions import Permission
from portal.cases.models import Case
from portal.cases.queries import by_key
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import NotFound, Refused
from portal.sla import labels
from portal.sla.actions import disputes
from portal.sla.forms.disputes import ObjectionAnswerForm, ObjectionForm
from portal.sla.queries import disputes as dispute_queries
from portal.sla.queries.case_clocks import shown_promise
from portal.sla.routes.blueprint import promises
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import on_portal, requires
from portal.web.htmx import page, see
from portal.web.urls import text_parameter


def show_receipt(context: Context, case: Case, form: Any, status: int = 200) -> Any:
    """The receipt for the reader: the same numbers on both sides."""
    staff = context.actor.is_staff
    return page(
        "sla/disputes/receipt_desk.html" if staff else "sla/disputes/receipt.html",
        status,
        case=case,
        form=form,
        receipts=dispute_queries.receipt(context, case),
        shown=shown_promise(context, case),
        split_origin=dispute_queries.split_origin(context, case),
        labels=labels,
        now=context.now,
        may_object=not staff and can(context.actor, Permission.CASE_REPLY, case),
        may_answer=staff and can(context.actor, Permission.CASE_ANSWER, case),
        base=f"/desk/cases/{case.key}" if staff else f"/cases/{case.key}",
    )


def case_with_receipt(context: Context, key: str) -> Case:
    """The case of the address; NotFound if the provider shows its customers no times."""
    case = by_key(context, key)
    if context.provider.promises_shown != "dates":
        raise NotFound
    return case


@promises.get("/cases/<key:key>/promises")
@on_portal
def receipt_for_customer(key: str) -> Any:
    """The receipt for the customer; printable."""
    context = ctx()
    form = ObjectionForm(formdata=None)
    form.line.data = text_parameter("line", 50)
    return show_receipt(context, case_with_receipt(context, key), form)


@promises.post("/cases/<key:key>/promises")
@on_portal
def object_to(key: str) -> Any:
    """Object to one line of it."""
    context, form = ctx(), ObjectionForm()
    case = case_with_receipt(context, key)
    require(context.actor, Permission.CASE_REPLY, case)

    def act() -> None:
        missing = Refused(_("Choose the line that you do not agree with"), "line")
        try:
            clock_id, segment = form.stretch()
            row = dispute_queries.clock(context, clock_id) if clock_id is not None else None
            if row is None or row.case_id != case.id:
                raise missing
            disputes.object_to(context, case, row, segment=segment, text=form.text.data)
        except (NotFound, Refused) as refusal:
            raise refusal if isinstance(refusal, Refused) and refusal.field == "text" else missing from None

    status = submit_form(form, act)
    if status:
        return show_receipt(context, case_with_receipt(context, key), form, status)
    flash(_("Support reads your objection and answers here."))
    return see(url_for("promises.receipt_for_customer", key=case.key))


@promises.get("/desk/cases/<key:key>/promises")
@requires(Permission.CASE_READ)
def receipt_for_staff(key: str) -> Any:
    """The receipt as the customer sees it, with the objections to answer."""
    context = ctx()
    return show_receipt(context, by_key(context, key), ObjectionAnswerForm(formdata=None))


@promises.post("/desk/cases/<key:key>/promises")
@requires(Permission.CASE_ANSWER)
def answer_objection(key: str) -> Any:
    """Answer one objection."""
    context, form = ctx(), ObjectionAnswerForm()
    case = by_key(context, key)
    require(context.actor, Permission.CASE_ANSWER, case)

    def act() -> None:
        wanted = ids.parse_id(form.objection.data)
        row = next((one for one in dispute_queries.objections(context, case) if one.id == wanted), None)
        if row is None:
            raise Refused(_("Choose the objection that you answer"), "objection")
        if form.verdict.data not in ("agreed", "kept"):
            raise Refused(_("Choose whether the customer is right"), "verdict")
        agree = form.verdict.data == "agreed"
        disputes.answer_objection(context, case, row, agree=agree, answer=form.answer.data)

    status = submit_form(form, act)
    if status:
        return show_receipt(context, by_key(context, key), form, status)
    flash(_("Answered. The customer reads it on the receipt."))
    return see(url_for("promises.receipt_for_staff", key=case.key))
