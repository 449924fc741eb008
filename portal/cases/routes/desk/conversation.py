"""Replies and internal notes of support."""

from collections.abc import Mapping
from typing import Any

from flask import flash, request
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.attachments.form_files import collect_files, draft_rows, upload_rows
from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases import labels
from portal.cases.actions import conversation, delayed_replies, reply_with_status
from portal.cases.actions.in_reply_to import check_answered, mark_answer
from portal.cases.actions.mentions import read_mentions
from portal.cases.actions.reply_with_status import NextStatus, WriterSnapshot
from portal.cases.forms.conversation import DeskReplyForm, DraftForm, NoteForm
from portal.cases.forms.fields import feature_answers, form_version, idempotency_key, parse_local_time
from portal.cases.models import Case
from portal.cases.pages.desk_case import composer_values, draft_kind, owner_values, render_case
from portal.cases.pages.in_reply_to import quote_into
from portal.cases.pages.sent_notice import sent_notice
from portal.cases.pages.urls import desk_case_url
from portal.cases.pages.verb_page import reload_case, render_verb_page
from portal.cases.panels import find_insert
from portal.cases.queries import by_key
from portal.cases.queries.conversation import Conversation
from portal.cases.routes.blueprints import desk
from portal.cases.timeline import entries
from portal.kernel.context import Context
from portal.web.current import ctx
from portal.web.drafts import kept_fields, open_form
from portal.web.form_flow import submit_form
from portal.web.guards import requires
from portal.web.htmx import see
from portal.web.times import reader_zone
from portal.web.urls import text_parameter


@desk.get("/cases/<key:key>/reply")
@requires(Permission.CASE_ANSWER)
def reply_form(key: str) -> Any:
    """The composer on a page of its own."""
    context = ctx()
    case = by_key(context, key)
    require(context.actor, Permission.CASE_ANSWER, case)
    form = open_form(DeskReplyForm, f"/desk/cases/{case.key}/reply")
    answered = quote_into(context, case, form)
    kind = "note" if answered is not None and answered.is_note else draft_kind(form)
    return render_reply_page(context, case, form, kind=kind, staged=draft_rows(context, form))


@desk.route("/cases/<key:key>/compose", methods=["GET", "POST"])
@requires(Permission.CASE_ANSWER)
def compose(key: str) -> Any:
    """The composer with what was written so far, and with what was chosen for it (`with_pick`). Nothing is sent."""
    context = ctx()
    case = by_key(context, key)
    require(context.actor, Permission.CASE_ANSWER, case)
    form = DraftForm(formdata=None) if request.method == "GET" else DraftForm()
    answers = feature_answers() or {"with_pick": text_parameter("with_pick", 40)}
    files = collect_files(context, form) if form.is_submitted() else []
    chosen = answers.pop("with_pick", "")

    def put_in() -> None:
        insert = find_insert(context, case, chosen, answers) if chosen else None
        if insert is not None:
            answers.update(insert.answers)
            form.put_in(insert.text, insert.fields)

    status = 0
    if form.is_submitted():
        status = submit_form(form, put_in)
    else:
        put_in()
    kind = "note" if request.form.get("kind") == "note" else "reply"
    rows = upload_rows(context, files)
    return render_reply_page(context, case, form, status or 200, staged=rows, kind=kind, answers=answers)


def render_reply_page(
    context: Context,
    case: Case,
    form: Any,
    status: int = 200,
    *,
    new: Any = (),
    staged: Any = (),
    chosen: str = "",
    kind: str = "reply",
    answers: Mapping[str, str] | None = None,
) -> Any:
    """The composer, below messages that arrived meanwhile."""
    values = composer_values(context, case, form, staged=staged, kind=kind, answers=answers)
    values.pop("base")
    arrived = []
    if new:
        arrived = entries(case, Conversation(new, has_older=True), [], {}, staff_side=True, grants=values["grants"])
    values |= {"labels": labels, "arrived": arrived, "chosen": chosen, "form_id": "composer"}
    return render_verb_page(context, "desk/reply.html", case, form, status, **values)


@desk.post("/cases/<key:key>/reply")
@requires(Permission.CASE_ANSWER)
def send_reply(key: str) -> Any:
    """Send a public reply. With `kind=note` the text is stored as a note."""
    if request.form.get("kind") == "note":
        return add_note(key)
    context = ctx()
    # Storing files takes time, so the case is locked afterwards.
    case = by_key(context, key, lock=not request.files)
    require(context.actor, Permission.CASE_ANSWER, case)
    form = DeskReplyForm()
    files = collect_files(context, form)
    if request.files:
        case = by_key(context, key, lock=True)
    next_status = NextStatus(
        form.status.data or "",
        form.check.data or "",
        form.reason.data or "",
        parse_local_time(form.until.data or "", reader_zone()),
        feature_answers(),
    )
    last = int(form.last.data) if (form.last.data or "").isdecimal() and len(form.last.data) < 10 else None
    reply = delayed_replies.Reply(
        body=form.body.data or "",
        next_status=next_status,
        staged=files,
        idempotency_key=idempotency_key(form),
        emailed=not form.silent.data,
        snapshot=WriterSnapshot(form_version(form), last, form.was.data or ""),
        take_over=bool(form.take.data),
        anyway=form.send_anyway(),
        answers=form.to.data or "",
    )
    fields = kept_fields(files)
    waits = bool(form.delay.data) and delayed_replies.may_wait(context, case, reply, fields)

    def act() -> None:
        if waits:
            delayed_replies.delay(context, case, reply, request.path, fields)
        else:
            delayed_replies.send(context, case, reply)

    failed = submit_form(form, act)
    if failed == 409:
        new = reply_with_status.new_public_messages(context, case, last)
        stopped = reload_case(context, key, form)
        form.last.data, form.was.data = str(stopped.message_count), stopped.state
        return render_reply_page(context, stopped, form, 409, new=new, staged=upload_rows(context, files))
    if failed and next_status.status in ("resolved", "closed"):
        # The page of the verb has the fields that an end of the case needs.
        stopped, chosen = reload_case(context, key, form), next_status.status
        return render_reply_page(context, stopped, form, failed, staged=upload_rows(context, files), chosen=chosen)
    if failed:
        return render_case(context, by_key(context, key), form, 422, staged=upload_rows(context, files))
    if waits:
        return see(desk_case_url(by_key(context, key), "latest"))
    flash(sent_notice(context, case, next_status, silent=form.silent.data))
    return see(desk_case_url(case, "latest"))


# The most names in the notice about colleagues who do not see a case.
MOST_NAMED = 5


@desk.get("/cases/<key:key>/note")
@requires(Permission.CASE_NOTE)
def note_form(key: str) -> Any:
    """The form of a note."""
    context = ctx()
    case = by_key(context, key)
    require(context.actor, Permission.CASE_NOTE, case)
    form = open_form(NoteForm, f"/desk/cases/{case.key}/note")
    quote_into(context, case, form)
    return render_note_page(context, case, form, staged=draft_rows(context, form))


def render_note_page(context: Context, case: Case, form: Any, status: int = 200, staged: Any = ()) -> Any:
    """The form of a note."""
    return render_verb_page(context, "desk/note.html", case, form, status, staged=staged, **owner_values(context, case))


@desk.post("/cases/<key:key>/note")
@requires(Permission.CASE_NOTE)
def add_note(key: str) -> Any:
    """Add an internal note. A note never conflicts."""
    context = ctx()
    require(context.actor, Permission.CASE_NOTE, by_key(context, key))
    form = NoteForm()
    files = collect_files(context, form)
    case = by_key(context, key, lock=True)

    unseen: list[str] = []

    def act() -> None:
        answered = check_answered(context, case, form.to.data or "", in_note=True)
        called = read_mentions(context, case, form.body.data or "")
        unseen.extend(called.unseen)
        conversation.note(
            context,
            case,
            body=form.body.data or "",
            staged=files,
            idempotency_key=idempotency_key(form),
            mentions=called.found,
        )
        mark_answer(context, case, answered)

    failed = submit_form(form, act)
    if failed:
        return render_note_page(context, reload_case(context, key, form), form, failed, upload_rows(context, files))
    flash(_("Internal note added. Only staff see it."))
    if unseen:
        flash(
            ngettext(
                "%(names)s does not see this case, so the name stays text and calls nobody.",
                "%(names)s do not see this case, so their names stay text and call nobody.",
                len(unseen),
                names=", ".join(unseen[:MOST_NAMED]),
            )
        )
    return see(desk_case_url(by_key(context, key), "latest"))
