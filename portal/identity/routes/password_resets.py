"""/password: ask for a link to choose a new password, and use it."""

from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _

from portal.identity import actions, queries, throttle
from portal.identity.forms import ForgotForm, NewPasswordForm
from portal.identity.link_redemption import expired_link_page, redeem_and_sign_in
from portal.identity.link_requests import ask_for_link
from portal.identity.routes.blueprint import identity
from portal.identity.sign_in import count_link_request_after_answer
from portal.kernel import security_events
from portal.kernel.errors import Gone
from portal.web.current import ctx
from portal.web.guards import public
from portal.web.htmx import page, see


@identity.route("/password", methods=["GET", "POST"])
@public("somebody who forgot the password cannot sign in first")
def forgot() -> Any:
    """Ask for a link to choose a new password; the same answer for known and unknown addresses."""
    form = ForgotForm()
    if not form.validate_on_submit():
        if not form.is_submitted():
            form.email.data = request.args.get("email", "")[:320]
        return page("identity/forgot.html", 422 if form.is_submitted() else 200, form=form)
    allowed = throttle.may_send_mail(ctx(), form.email.data)
    if allowed:
        ask_for_link(ctx(), actions.RESET, form.email.data)
    kind = security_events.RESET_ASKED if allowed else security_events.LINK_THROTTLED
    count_link_request_after_answer(kind, form.email.data)
    return see(url_for(".forgot_sent"))


@identity.get("/password/sent")
@public("says only what was said before")
def forgot_sent() -> Response:
    """Check your email."""
    return page("identity/forgot_sent.html")


@identity.route("/password/<token>", methods=["GET", "POST"])
@public("the link is the key: 256 bits, hashed, once, for an hour")
def reset(token: str) -> Any:
    """Choose a new password, and sign in."""
    try:
        person = actions.find_link_owner(ctx(), actions.RESET, token)
    except Gone:
        return expired_link_page(_("Links for a new password work once, for 1 hour."))
    form = NewPasswordForm()
    values = {"form": form, "token": token, "email": queries.primary_email(ctx(), person.id)}
    if not form.validate_on_submit():
        return page("identity/reset.html", 422 if form.is_submitted() else 200, **values)
    return redeem_and_sign_in(form, "identity/reset.html", values, actions.RESET, "")
