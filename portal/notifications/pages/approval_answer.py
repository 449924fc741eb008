"""The page behind the link of a mail that asks for a yes: what is asked, and the two buttons."""

from typing import Any

from flask import request

from portal.approvals import labels
from portal.approvals.actions import answers
from portal.approvals.queries.requests import latest_request
from portal.approvals.queries.views import request_values
from portal.kernel.errors import NotFound
from portal.notifications.forms import MailApprovalForm
from portal.notifications.opened_links import MailAction
from portal.web import csrf
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.htmx import page, see


def answer_approval(action: MailAction, token: str) -> Any:
    """The question that the case of the link asks now, which may be another one than the mail asked: what is asked
    stands on the page. 409 for an answer that comes too late."""
    if csrf.is_one_click():
        raise NotFound  # mail programs have one button, which mutes
    context, form, case = ctx(), MailApprovalForm(), action.case
    row = latest_request(context, case)
    if row is None:
        raise NotFound
    status = 200
    if form.is_submitted():
        context.channel = "mail"
        yes = form.decision.data == "yes"
        status = submit_form(form, lambda: answers.answer(context, case, approves=yes, reason=form.reason.data or ""))
        if not status:
            return see(f"/a/{token}")
        row = latest_request(context, case, lock=request.method == "POST") or row
    values = request_values(context, case, row)
    # Whoever holds a link reads which case it is about; what is asked only while it is that of somebody asked.
    is_asked = values["may_answer"] or values["has_answered"]
    return page(
        "notifications/approval_answer.html",
        status,
        case=case,
        form=form,
        content=action.shows_content,
        shows_question=action.shows_content and is_asked,
        approval_labels=labels,
        **values,
    )
