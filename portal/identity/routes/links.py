"""What mailed links lead to: an invitation, and a new password. Opening a link spends nothing; the button does."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from portal.identity import actions, queries, sign_in
from portal.identity.forms import ForgotForm, InvitationForm, NewPasswordForm, SignUpForm
from portal.identity.routes import identity
from portal.kernel.errors import Gone, NotFound, Refused
from portal.web import throttle
from portal.web.current import ctx
from portal.web.errors import error_page
from portal.web.forms import Form
from portal.web.guards import public
from portal.web.htmx import page, see


@identity.route("/invite/<token>", methods=["GET", "POST"])
@public("the link is the key: 256 bits, hashed, once, for 7 days")
def invitation(token: str) -> Any:
    """Accept an invitation: name and password, then in."""
    try:
        person = actions.bearer(ctx(), actions.INVITATION, token)
    except Gone:
        return _gone(_("Invitations work once, for 7 days. If you have a password already, sign in."))
    form = InvitationForm(name=person.name)
    values = {"form": form, "token": token, "email": queries.primary_email(ctx(), person.id)}
    if not form.validate_on_submit():
        return page("identity/invitation.html", 422 if form.is_submitted() else 200, **values)
    return _redeem(form, "identity/invitation.html", values, actions.INVITATION, form.name.data)


@identity.route("/password", methods=["GET", "POST"])
@public("somebody who forgot the password cannot sign in first")
def forgot() -> Any:
    """Ask for a link to choose a new password; the same answer for known and unknown addresses."""
    form = ForgotForm()
    if not form.validate_on_submit():
        if not form.is_submitted():
            form.email.data = request.args.get("email", "")[:320]
        return page("identity/forgot.html", 422 if form.is_submitted() else 200, form=form)
    if throttle.may_mail(ctx(), form.email.data):
        actions.ask_reset(ctx(), form.email.data)
    return see(url_for(".forgot_sent"))


@identity.get("/password/sent")
@public("says only what was said before")
def forgot_sent() -> Response:
    """Check your email."""
    return page("identity/forgot_sent.html")


@identity.route("/sign-up", methods=["GET", "POST"])
@public("somebody without an account cannot sign in first")
def sign_up() -> Any:
    """Ask for a link to choose a password, where the provider lets people register; the same answer for everybody."""
    if ctx().provider.registration == "invited":
        raise NotFound
    form = SignUpForm()
    if not form.validate_on_submit():
        return page("identity/sign_up.html", 422 if form.is_submitted() else 200, form=form)
    if throttle.may_mail(ctx(), form.email.data):
        actions.ask_sign_up(ctx(), name=form.name.data, email=form.email.data)
    return see(url_for(".sign_up_sent"))


@identity.get("/sign-up/sent")
@public("says only what was said before")
def sign_up_sent() -> Response:
    """Check your email."""
    if ctx().provider.registration == "invited":
        raise NotFound
    return page("identity/sign_up_sent.html")


@identity.route("/password/<token>", methods=["GET", "POST"])
@public("the link is the key: 256 bits, hashed, once, for an hour")
def reset(token: str) -> Any:
    """Choose a new password, then in."""
    try:
        person = actions.bearer(ctx(), actions.RESET, token)
    except Gone:
        return _gone(_("Links for a new password work once, for 1 hour."))
    form = NewPasswordForm()
    values = {"form": form, "token": token, "email": queries.primary_email(ctx(), person.id)}
    if not form.validate_on_submit():
        return page("identity/reset.html", 422 if form.is_submitted() else 200, **values)
    return _redeem(form, "identity/reset.html", values, actions.RESET, "")


def _redeem(form: Form, template: str, values: dict[str, Any], purpose: str, name: str) -> Response:
    """Spend the link, set the password and sign in; or show the form again with what was typed."""
    sign_in.end_current(ctx())
    try:
        person = actions.redeem(ctx(), purpose, values["token"], form.password.data, name=name)
        landing = sign_in.complete_sign_in(ctx(), person, method=purpose)
    except Gone:  # somebody was faster with the same link
        return _gone(_("Links from our mails work once and for a limited time."))
    except Refused as refusal:
        form.reject(refusal)
        return page(template, 422, **values)
    flash(_("Your password is set. You are signed in."), "success")
    return see(landing)


def _gone(reason: str) -> Response:
    return error_page(410, reason=reason, again_href=url_for("identity.forgot"))
