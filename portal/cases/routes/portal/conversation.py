"""Replies of the customer's side."""

from typing import Any

from flask import flash, request
from flask_babel import gettext as _

from portal.attachments.form_files import collect_files, draft_rows, upload_rows
from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.actions import resolution
from portal.cases.actions.conversation import reply
from portal.cases.actions.in_reply_to import check_answered, mark_answer
from portal.cases.actions.mentions import mark_public_mentions
from portal.cases.forms.conversation import ReplyForm
from portal.cases.forms.fields import idempotency_key, parse_emails
from portal.cases.models import Case
from portal.cases.pages.in_reply_to import quote_into
from portal.cases.pages.outside_copies import is_copy_confirmed
from portal.cases.pages.portal_case import composer_values, render_case
from portal.cases.pages.urls import portal_case_url
from portal.cases.queries import by_key, detail
from portal.cases.routes.blueprints import cases
from portal.web.current import ctx
from portal.web.drafts import open_form
from portal.web.form_flow import submit_form
from portal.web.guards import on_portal
from portal.web.htmx import page, see


@cases.get("/cases/<key:key>/replies")
@on_portal
def reply_form(key: str) -> Any:
    """The composer on a page of its own."""
    context = ctx()
    case = by_key(context, key)
    form = open_form(ReplyForm, f"/cases/{case.key}/replies")
    quote_into(context, case, form)
    staged = draft_rows(context, form)
    return page("cases/reply.html", case=case, form=form, staged=staged, **composer_values(context, case))


@cases.post("/cases/<key:key>/replies")
@on_portal
def add_reply(key: str) -> Any:
    """Add a reply; with `close` also close the case."""
    context = ctx()
    # Storing files takes time, so the case is locked afterwards.
    case = by_key(context, key, lock=not request.files)
    require(context.actor, Permission.CASE_REPLY, case)
    form = ReplyForm()
    files = collect_files(context, form)
    if request.files:
        case = by_key(context, key, lock=True)
    results: list[Case] = []

    def act() -> None:
        answered = check_answered(context, case, form.to.data or "", in_note=False)
        target = reply(
            context,
            case,
            body=form.body.data or "",
            cc=parse_emails(form.cc),
            staged=files,
            idempotency_key=idempotency_key(form),
        )
        mark_answer(context, target, answered)
        mark_public_mentions(context, target)
        if form.close.data and target.unresolved:
            resolution.close(context, target)
        results.append(target)

    status = submit_form(form, act, check=lambda: is_copy_confirmed(context, form, case.organization_id))
    if status:
        return render_case(context, by_key(context, key), form, status, staged=upload_rows(context, files))
    target = results[0]
    if target.id != case.id:
        target = detail.by_id(context, target.id)
        flash(_("Case %(key)s was closed, so we opened a new one for you: it is linked.", key=case.key))
    return see(portal_case_url(target, "latest"))
