"""/a/<token>: what the links in a mail do, without signing in. A GET shows a page; only its button does something."""

from collections.abc import Callable
from typing import Any

from flask import Response, make_response, request
from flask_babel import force_locale

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.authz.roles import roles_with
from portal.cases.actions import people, reopening, resolution
from portal.cases.queries import conversation
from portal.cases.queries.interface import status_label
from portal.cases.states import State
from portal.kernel.errors import Gone, NotFound
from portal.notifications.forms import MailRejectionForm, MailReopeningForm, MuteForm
from portal.notifications.mail_links import OF_SUBSCRIBERS, Purpose, read_link_token
from portal.notifications.opened_links import MailAction, link_key, load_mail_action
from portal.notifications.pages.account_question import answer_question
from portal.notifications.pages.approval_answer import answer_approval
from portal.notifications.pages.status_subscription import answer_subscriber
from portal.notifications.pages.topic_choice import answer_topic_choice
from portal.notifications.routes.blueprint import notifications
from portal.web import csrf, language
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import public
from portal.web.htmx import page, see
from portal.web.role_labels import say_who_may

TEMPLATE = "notifications/mail_action.html"
# What the role of whom the link is for must allow; everybody may mute a case for themself.
NEEDS = {
    Purpose.ACCEPT: Permission.CASE_ACCEPT,
    Purpose.REJECT: Permission.CASE_ACCEPT,
    Purpose.REOPEN: Permission.CASE_REOPEN,
}
FORMS = {
    Purpose.MUTE: MuteForm,
    Purpose.ACCEPT: PressForm,
    Purpose.REJECT: MailRejectionForm,
    Purpose.REOPEN: MailReopeningForm,
}


@notifications.route("/a/<token>", methods=["GET", "POST"])
@csrf.takes_one_click
@public("the link is the key: signed for one mail, person and purpose, for 30 days; opening it changes nothing")
def mail_action(token: str) -> Any:
    """The page of a link: what it does, and the button that does it. A mail program that presses its one button is not
    sent on (RFC 8058, 3.1)."""
    answer = make_response(_answer_link(token))
    return Response() if csrf.is_one_click() and answer.status_code == 303 else answer


def _answer_link(token: str) -> Any:
    link = read_link_token(ctx(), token)
    if link is not None and link.purpose is Purpose.CHOOSE:
        return answer_question(token, link)
    if link is not None and link.purpose is Purpose.NO_MORE:
        return answer_topic_choice(token, link)
    if link is not None and link.purpose in OF_SUBSCRIBERS:
        return answer_subscriber(token, link)
    try:
        action = load_mail_action(ctx(), token, lock=request.method == "POST")
    except Gone:
        return page(TEMPLATE, 410, too_old=True)
    with force_locale(language.language_of(action.person, ctx().provider) or language.ENGLISH):
        return answer_approval(action, token) if action.purpose is Purpose.APPROVE else _answer(action, token)


def _answer(action: MailAction, token: str) -> Any:
    if csrf.is_one_click() and action.purpose is not Purpose.MUTE:
        raise NotFound  # mail programs have one button, which mutes
    form, decision = FORMS[action.purpose](), action.decision
    if decision.changed:
        return _page(action, form, 410)
    if not form.is_submitted():
        return _page(action, form)
    if decision.done and _has_same_words(form, decision.written):
        return see(f"/a/{token}")
    if decision.done or (action.purpose is not Purpose.MUTE and not _is_open(action)):
        return _page(action, form, 409)
    if not _may_decide(action):
        return _page(action, form, 403)
    status = submit_form(form, lambda: _act(action, form, token))
    if status:
        return _page(action, form, status)
    return see(f"/a/{token}")


def _has_same_words(form: Any, written: str) -> bool:
    """Whether *form* says nothing beyond *written*, the words that were stored: nothing is lost by not taking it."""
    return not hasattr(form, "reason") or (form.reason.data or "").strip() in ("", written.strip())


def _act(action: MailAction, form: Any, token: str) -> None:
    """Do what the link is for; a link opens one new case at most. The one click of a mail program only mutes."""
    once = link_key(token)
    acts: dict[Purpose, Callable[[], object]] = {
        Purpose.MUTE: lambda: people.subscribe(ctx(), action.case, "" if _ends_mute(form) else "mute"),
        Purpose.ACCEPT: lambda: resolution.accept(ctx(), action.case),
        Purpose.REJECT: lambda: resolution.reject(ctx(), action.case, reason=form.reason.data, idempotency_key=once),
        Purpose.REOPEN: lambda: reopening.reopen(ctx(), action.case, reason=form.reason.data, idempotency_key=once),
    }
    acts[action.purpose]()


def _ends_mute(form: Any) -> bool:
    return form.muted.data == "no" and not csrf.is_one_click()


def _may_decide(action: MailAction) -> bool:
    """Whether the person of the link may (still) do what it is for: their role can have changed since the mail."""
    needed = NEEDS.get(action.purpose)
    return needed is None or can(ctx().actor, needed, action.case)


def _is_open(action: MailAction) -> bool:
    """Whether there is still something to decide."""
    wanted = State.CLOSED if action.purpose is Purpose.REOPEN else State.RESOLVED
    return action.case.state == wanted


def _page(action: MailAction, form: Any, status: int = 200) -> Any:
    if action.purpose is Purpose.MUTE:
        form.muted.data = "no" if action.muted else "yes"
    case, deciding = action.case, action.purpose in (Purpose.ACCEPT, Purpose.REJECT)
    solution = conversation.conversation(ctx(), case).solution if deciding and action.shows_content else None
    may_decide = _may_decide(action)
    return page(
        TEMPLATE,
        status,
        case=case,
        form=form,
        may_decide=may_decide,
        who_may="" if may_decide else say_who_may(roles_with(NEEDS[action.purpose]), staff=action.on_desk),
        purpose=action.purpose.name.lower(),
        muted=action.muted,
        content=action.shows_content,
        solution=solution,
        is_open=action.purpose is Purpose.MUTE or _is_open(action),
        anew=action.purpose is Purpose.REOPEN and reopening.leads_to_new_case(ctx(), case),
        decision=action.decision,
        label=status_label(ctx(), case, "staff" if action.on_desk else "contact"),
        case_href=f"{'/desk' if action.on_desk else ''}/cases/{action.decision.continued or case.key}",
    )
