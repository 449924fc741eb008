"""/sign-in/link: sign in with a mailed link, or with its code. Opening the link spends nothing; a button does."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from flask import Response, request, session, url_for
from flask_babel import gettext as _

from portal.identity import actions, queries, sign_in, throttle
from portal.identity.forms import CodeForm, LinkForm
from portal.identity.link_redemption import expired_link_page
from portal.identity.link_requests import ask_for_link
from portal.identity.routes.blueprint import identity
from portal.identity.sign_in import count_link_request_after_answer
from portal.kernel import ids, security_events
from portal.kernel.errors import Gone, NotFound, Refused
from portal.web.current import ctx
from portal.web.forms import Form, PressForm
from portal.web.guards import public
from portal.web.htmx import page, see

_ASKED = "asked_link"
_LASTS = dt.timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class AskedLink:
    """What this browser asked for: the id of the request, the address, and where it was going."""

    request_id: uuid.UUID
    email: str
    next: str


@identity.route("/sign-in/link", methods=["GET", "POST"])
@public("people sign in here")
def ask_sign_in_link() -> Any:
    """Ask for a link in place of a password; the same answer for known and unknown addresses."""
    form = LinkForm()
    to = sign_in.safe_next_path(request.values.get("next"))
    if not form.validate_on_submit():
        if not form.is_submitted():
            form.email.data = request.args.get("email", "")[:320]
        return page("identity/sign_in_link_ask.html", 422 if form.is_submitted() else 200, form=form, to=to)
    allowed = throttle.may_send_mail(ctx(), form.email.data)
    asked = ask_for_link(ctx(), actions.SIGN_IN_CODE, form.email.data) if allowed else ids.new_id()
    kind = security_events.SIGN_IN_LINK_ASKED if allowed else security_events.LINK_THROTTLED
    count_link_request_after_answer(kind, form.email.data)
    ends = int((ctx().now + _LASTS).timestamp())
    session[_ASKED] = {"id": str(asked), "email": form.email.data, "next": to, "ends": ends}
    return see(url_for(".sign_in_link_sent"))


@identity.route("/sign-in/link/sent", methods=["GET", "POST"])
@public("people sign in here")
def sign_in_link_sent() -> Any:
    """Check your email; or type the code, where the mail is on another device."""
    asked = _asked_here()
    if asked is None:
        return see(url_for(".ask_sign_in_link"))
    form = CodeForm()
    values = {"form": form, "email": asked.email}
    if not form.validate_on_submit():
        return page("identity/sign_in_link_sent.html", 422 if form.is_submitted() else 200, **values)
    return _sign_in(asked, asked.request_id, form, form.code.data, "identity/sign_in_link_sent.html", values)


@identity.route("/sign-in/link/<token>", methods=["GET", "POST"])
@public("the link is the key: 256 bits, hashed, once, for an hour")
def sign_in_link(token: str) -> Any:
    """A page with the button that signs in; in another browser than the one that asked, with a field for the code."""
    try:
        request_id = actions.find_sign_in_request(ctx(), token)
    except NotFound:
        return _confirm_sign_in(token)
    except Gone:
        return _expired()
    person = actions.find_link_owner(ctx(), actions.SIGN_IN_CODE, token)
    asked = _asked_here()
    here = asked is not None and asked.request_id == request_id
    form: Form = PressForm() if here else CodeForm()
    email = queries.primary_email(ctx(), person.id)
    values = {"form": form, "token": token, "email": email, "here": here}
    if not form.validate_on_submit():
        return page("identity/sign_in_link.html", 422 if form.is_submitted() else 200, **values)
    found = asked if here and asked is not None else AskedLink(request_id, email, "")
    typed = form.code.data if isinstance(form, CodeForm) else None
    return _sign_in(found, request_id, form, typed, "identity/sign_in_link.html", values)


def _sign_in(
    asked: AskedLink, request_id: uuid.UUID, form: Form, typed: str | None, template: str, values: dict[str, Any]
) -> Response:
    """Use the link up, by its button or by the code *typed*, and go on as after a password."""
    if typed is not None and not throttle.may_answer_link_code(ctx(), str(request_id), asked.email):
        form.form_errors.append(_("There were too many wrong codes. Open the link in the email, or ask for a new one."))
        return page(template, 429, **values)
    sign_in.end_current(ctx())
    try:
        person = actions.spend_sign_in_code(ctx(), request_id, typed)
        session.pop(_ASKED, None)
        return see(sign_in.complete_sign_in(ctx(), person, method="link", next=asked.next))
    except Gone:
        return _expired()
    except Refused as refusal:
        if typed is not None and refusal.field == "code":
            throttle.count_wrong_link_code(ctx(), str(request_id), asked.email)
        form.reject(refusal)
        return page(template, 422 if refusal.field else 403, **values)


def _confirm_sign_in(token: str) -> Any:
    """The link that confirms a right password after many wrong ones: its button signs in in any browser."""
    try:
        person = actions.find_link_owner(ctx(), actions.SIGN_IN, token)
    except Gone:
        return _expired(_("Links to sign in work once, for 1 hour."))
    form = PressForm()
    values = {"form": form, "token": token, "email": queries.primary_email(ctx(), person.id), "here": True}
    if not form.validate_on_submit():
        return page("identity/sign_in_link.html", 422 if form.is_submitted() else 200, **values)
    sign_in.end_current(ctx())
    try:
        actions.spend_sign_in_link(ctx(), token)
        return see(sign_in.complete_sign_in(ctx(), person, method="link"))
    except Gone:  # the same link was used at the same moment
        return _expired(_("Links to sign in work once, for 1 hour."))
    except Refused as refusal:
        form.reject(refusal)
        return page("identity/sign_in_link.html", 403, **values)


def _expired(sentence: str = "") -> Response:
    return expired_link_page(sentence or _("Links to sign in work once, for 15 minutes."))


def _asked_here() -> AskedLink | None:
    """What this browser asked for a short time ago."""
    stored = session.get(_ASKED)
    if not isinstance(stored, dict):
        return None
    request_id = ids.parse_id(stored.get("id"))
    if request_id is None or stored["ends"] < ctx().now.timestamp():
        return None
    return AskedLink(request_id, str(stored["email"]), str(stored["next"]))
