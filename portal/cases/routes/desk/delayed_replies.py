"""Replies that wait to be sent: taking one back, and sending it at once."""

import uuid
from typing import Any

from flask import flash
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.cases.actions import delayed_replies
from portal.cases.models import DelayedReply
from portal.cases.pages.delayed_replies import describe_reply
from portal.cases.pages.sent_notice import sent_notice
from portal.cases.pages.urls import desk_case_url
from portal.cases.pages.verb_page import render_verb_page
from portal.cases.queries import delayed_replies as queries
from portal.cases.queries.detail import by_id
from portal.cases.routes.blueprints import desk
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import requires
from portal.web.htmx import see


@desk.get("/outbox/<uuid:delayed_reply_id>/undo")
@desk.get("/outbox/<uuid:delayed_reply_id>/send")
@requires(Permission.CASE_ANSWER)
def waiting_reply(delayed_reply_id: uuid.UUID) -> Any:
    """A waiting reply with both of its buttons."""
    context = ctx()
    return _render(context, queries.delayed_reply(context, delayed_reply_id), PressForm(formdata=None))


@desk.post("/outbox/<uuid:delayed_reply_id>/undo")
@requires(Permission.CASE_ANSWER)
def undo_reply(delayed_reply_id: uuid.UUID) -> Any:
    """Take a reply back: it is the text of the composer again, and a draft."""
    context, form = ctx(), PressForm()
    row = queries.lock_delayed_reply(context, delayed_reply_id)
    if row is None:
        raise NotFound
    case = by_id(context, row.case_id)
    failed = submit_form(form, lambda: delayed_replies.take_back(context, row))
    if failed:
        return _render(context, row, form, failed)
    flash(_("Not sent. Your text is in the box below."))
    return see(desk_case_url(case, "composer"))


@desk.post("/outbox/<uuid:delayed_reply_id>/send")
@requires(Permission.CASE_ANSWER)
def send_waiting_reply(delayed_reply_id: uuid.UUID) -> Any:
    """Send a waiting reply now. Where it cannot be sent any more, it is a draft again."""
    context, form = ctx(), PressForm()
    # The case first: whoever writes on it meanwhile holds its lock.
    case_id = queries.delayed_reply_case(context, delayed_reply_id)
    case = by_id(context, case_id, lock=True) if case_id else None
    row = queries.lock_delayed_reply(context, delayed_reply_id)
    if row is None or case is None:
        raise NotFound
    reply = delayed_replies.read_reply(row)
    refusals: list[str] = []
    failed = submit_form(form, lambda: refusals.append(delayed_replies.send_or_put_back(context, row)))
    if failed:
        return _render(context, row, form, failed)
    if refusals[0]:
        flash(_("%(why)s Your text is in the box below.", why=refusals[0]), "error")
        return see(desk_case_url(case, "composer"))
    flash(sent_notice(context, case, reply.next_status, silent=not reply.emailed))
    return see(desk_case_url(case, "latest"))


def _render(context: Context, row: DelayedReply, form: Any, status: int = 200) -> Any:
    case = by_id(context, row.case_id)
    return render_verb_page(context, "desk/waiting.html", case, form, status, reply=describe_reply(context, row))
