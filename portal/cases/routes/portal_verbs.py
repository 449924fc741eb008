"""The client's verbs. Each path answers GET with the same form on a small page (no script, mail, new tab)."""

from collections.abc import Callable
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _

from portal.attachments.actions import stage
from portal.attachments.queries import staged_files
from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases import states
from portal.cases.actions import details, people, resolution
from portal.cases.actions.conversation import reply
from portal.cases.actions.reopening import reopen
from portal.cases.forms.conversation import ReplyForm
from portal.cases.forms.details import OwnTextForm
from portal.cases.forms.fields import claimed_file_ids, idempotency_key, parse_emails
from portal.cases.forms.people import SubscriptionForm
from portal.cases.forms.resolution import CloseForm, RejectForm, ReopenForm
from portal.cases.models import Case
from portal.cases.queries import by_key, conversation, detail
from portal.cases.queries import people as people_queries
from portal.cases.routes import cases
from portal.cases.routes.opening import valid
from portal.cases.routes.portal_case import permissions, show_case
from portal.cases.vocabulary import vocabulary
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.web.current import ctx
from portal.web.forms import PressForm
from portal.web.guards import on_portal
from portal.web.htmx import page, see
from portal.web.uploading import stage_plain_files


def case_url(case: Case, anchor: str = "") -> str:
    """The case page."""
    return url_for("cases.show", key=case.key, _anchor=anchor or None)


def attempt(form: Any, act: Callable[[], Any]) -> bool:
    """Validate and act; a refusal becomes an error of the form. True if it happened."""
    if not valid(form):
        return False
    try:
        act()
    except Refused as refusal:
        form.reject(refusal)
        return False
    return True


def listed(context: Context, files: Any) -> list[dict[str, Any]]:
    """Staged files as the upload list shows them again."""
    return [{"id": str(f.id), "name": f.filename, "size": f.size} for f in staged_files(context, files)]


@cases.get("/cases/<key:key>/replies")
@on_portal
def reply_form(key: str) -> Any:
    """The composer by itself."""
    case = by_key(ctx(), key)
    return page("cases/reply.html", case=case, form=ReplyForm(formdata=None), staged=[], may=permissions(ctx(), case))


@cases.post("/cases/<key:key>/replies")
@on_portal
def add_reply(key: str) -> Any:
    """Say something; with the tick, close the case too."""
    context = ctx()
    # Files take their time, so the case is not held meanwhile.
    case = by_key(context, key, lock=not request.files)
    require(context.actor, Permission.CASE_REPLY, case)
    form = ReplyForm()
    files = [*claimed_file_ids(), *stage_plain_files(context, form, stage)]
    if request.files:
        case = by_key(context, key, lock=True)
    went_to: list[Case] = []

    def act() -> None:
        landed = reply(
            context, case, body=form.body.data, cc=parse_emails(form.cc), staged=files, once=idempotency_key(form)
        )
        if form.close.data and landed.unresolved:
            resolution.close(context, landed)
        went_to.append(landed)

    if not attempt(form, act):
        return show_case(context, case, form, 422, staged=listed(context, files))
    landed = went_to[0]
    if landed.id != case.id:
        landed = detail.by_id(context, landed.id)
        flash(_("Case %(key)s was closed, so we opened a new one for you: it is linked.", key=case.key))
    return see(case_url(landed, "latest"))


@cases.get("/cases/<key:key>/resolution")
@on_portal
def decide(key: str) -> Any:
    """P-07 as a page: from a mail, without script, or to reject."""
    case = by_key(ctx(), key)
    require(ctx().actor, Permission.CASE_ACCEPT, case)
    if not ctx().provider.customer_decides:
        return see(case_url(case))
    return decision_page(ctx(), case, RejectForm(formdata=None))


@cases.get("/cases/<key:key>/resolution/accept")
@on_portal
def accept_form(key: str) -> Any:
    """The button by itself."""
    return decide(key)


@cases.get("/cases/<key:key>/resolution/reject")
@on_portal
def reject_form(key: str) -> Any:
    """The reason by itself."""
    return decide(key)


def decision_page(context: Context, case: Case, form: RejectForm, status: int = 200, files: Any = ()) -> Any:
    """The solution, and both answers to it."""
    messages, _older = conversation.conversation(context, case)
    solution = next((m for m in reversed(messages) if m.kind == "resolution"), None)
    return page(
        "cases/decide.html",
        status,
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
    """Agree that it is solved; a survey may follow on the case page."""
    context = ctx()
    case = by_key(context, key, lock=True)
    form = PressForm()
    if not attempt(form, lambda: resolution.accept(context, case)):
        return decision_page(context, case, RejectForm(formdata=None), 422)
    flash(_("Thank you. Case %(key)s is closed.", key=case.key))
    return see(case_url(case, "survey"))


@cases.post("/cases/<key:key>/resolution/reject")
@on_portal
def reject(key: str) -> Any:
    """Say what is still wrong; the case is open again."""
    context = ctx()
    require(context.actor, Permission.CASE_ACCEPT, by_key(context, key))
    form = RejectForm()
    files = [*claimed_file_ids(), *stage_plain_files(context, form, stage)]
    case = by_key(context, key, lock=True)
    done = attempt(
        form,
        lambda: resolution.reject(context, case, reason=form.reason.data, staged=files, once=idempotency_key(form)),
    )
    if not done:
        return decision_page(context, case, form, 422, listed(context, files))
    flash(_("We reopened the case."))
    return see(case_url(case, "latest"))


@cases.get("/cases/<key:key>/close")
@on_portal
def close_form(key: str) -> Any:
    """P-08: the question before closing."""
    case = by_key(ctx(), key)
    require(ctx().actor, Permission.CASE_CLOSE, case)
    return page("cases/close.html", case=case, form=CloseForm(formdata=None))


@cases.post("/cases/<key:key>/close")
@on_portal
def close(key: str) -> Any:
    """Close while support still works on it, for whatever reason."""
    context = ctx()
    case = by_key(context, key, lock=True)
    form = CloseForm()
    if not attempt(form, lambda: resolution.close(context, case, reason=form.reason.data or "")):
        return page("cases/close.html", 422, case=case, form=form)
    flash(_("Case %(key)s is closed.", key=case.key))
    return see(case_url(case, "survey"))


@cases.get("/cases/<key:key>/reopen")
@on_portal
def reopen_form(key: str) -> Any:
    """What changed?"""
    case = by_key(ctx(), key)
    require(ctx().actor, Permission.CASE_REOPEN, case)
    return page("cases/reopen.html", case=case, form=ReopenForm(formdata=None))


@cases.post("/cases/<key:key>/reopen")
@on_portal
def reopen_case(key: str) -> Any:
    """Begin again, here or in a linked case, as the provider's rule says."""
    context = ctx()
    case = by_key(context, key, lock=True)
    form = ReopenForm()
    went_to: list[Case] = []
    if not attempt(
        form, lambda: went_to.append(reopen(context, case, reason=form.reason.data, once=idempotency_key(form)))
    ):
        return page("cases/reopen.html", 422, case=case, form=form)
    landed = detail.by_id(context, went_to[0].id)
    flash(_("We reopened the case.") if landed.id == case.id else _("We opened a linked case for you."))
    return see(case_url(landed, "latest"))


@cases.get("/cases/<key:key>/mute")
@on_portal
def mute_form(key: str) -> Any:
    """Mute or follow, as a page."""
    case = by_key(ctx(), key)
    return page(
        "cases/mute.html",
        case=case,
        wish=people_queries.subscription(ctx(), case),
        form=SubscriptionForm(formdata=None),
    )


@cases.post("/cases/<key:key>/mute")
@on_portal
def mute(key: str) -> Any:
    """Mute, follow, or neither; without a field it switches muting."""
    context = ctx()
    case = by_key(context, key, lock=True)
    form = SubscriptionForm()
    wanted = (form.wish.data or "").replace("none", "")
    if "wish" not in request.form:
        wanted = "" if people_queries.subscription(context, case) == "mute" else "mute"
    if not attempt(form, lambda: people.subscribe(context, case, wanted)):
        return page("cases/mute.html", 422, case=case, wish=people_queries.subscription(context, case), form=form)
    flash(
        {
            "mute": _("Muted. You still hear about resolved and closed."),
            "follow": _("You follow this case."),
        }.get(wanted, _("You hear about this case as usual."))
    )
    return see(case_url(case))


@cases.get("/cases/<key:key>/words")
@on_portal
def words_form(key: str) -> Any:
    """Correct subject and description until the first answer."""
    case = by_key(ctx(), key)
    require(ctx().actor, Permission.CASE_EDIT_OWN_WORDS, case)
    form = OwnTextForm(formdata=None, data={"subject": case.subject, "description": case.description})
    return page("cases/words.html", case=case, form=form)


@cases.post("/cases/<key:key>/words")
@on_portal
def change_words(key: str) -> Any:
    """Store the correction."""
    context = ctx()
    case = by_key(context, key, lock=True)
    form = OwnTextForm()
    done = attempt(
        form,
        lambda: details.edit_own_text(context, case, subject=form.subject.data, description=form.description.data),
    )
    if not done:
        return page("cases/words.html", 422, case=case, form=form)
    flash(_("Saved."))
    return see(case_url(case))
