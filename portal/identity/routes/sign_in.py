"""/sign-in and /sign-out."""

from typing import Any

from flask import Response, current_app, flash, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.identity import queries, sign_in
from portal.identity.forms import PasswordForm, SignInForm
from portal.identity.routes.blueprint import identity
from portal.kernel.errors import Refused, TooMany
from portal.web import login
from portal.web.current import ctx
from portal.web.forms import PressForm, parse_email
from portal.web.guards import public
from portal.web.htmx import page, see


@identity.route("/sign-in", methods=["GET", "POST"], endpoint="sign_in")
@public("people sign in here")
def show_sign_in() -> Any:
    """Address and password; without a password the next page asks for it."""
    to = sign_in.safe_next_path(request.values.get("next"))
    if request.method == "GET" and ctx().person is not None:
        return redirect(to or sign_in.home_path(ctx()))
    form = SignInForm()
    if not form.validate_on_submit():
        form.email.data = form.email.data or _email_in_address()
        status = 422 if form.is_submitted() else 200
        return page("identity/sign_in.html", status, form=form, to=to, over=_session_end_sentence())
    if not form.password.data:
        return see(url_for(".sign_in_password", email=form.email.data, next=to or None))
    return _sign_in(form, "identity/sign_in.html", to)


@identity.route("/sign-in/password", methods=["GET", "POST"], endpoint="sign_in_password")
@public("people sign in here")
def show_password() -> Any:
    """The password alone, for the address of the first page."""
    to = sign_in.safe_next_path(request.values.get("next"))
    form = PasswordForm()
    if not form.is_submitted():
        form.email.data = _email_in_address()
        if not form.email.data:
            return redirect(url_for(".sign_in", next=to or None))
        return page("identity/sign_in_password.html", form=form, to=to)
    if not form.validate():
        template = "identity/sign_in.html" if form.email.errors else "identity/sign_in_password.html"
        return page(template, 422, form=form, to=to)
    return _sign_in(form, "identity/sign_in_password.html", to)


def _sign_in(form: SignInForm, template: str, to: str) -> Response:
    """Sign in with the values of the form, or show it again with one sentence."""
    try:
        person = sign_in.authenticate(ctx(), form.email.data, form.password.data)
    except TooMany as problem:
        form.form_errors.append(problem.message)
        response = page(template, 429, form=form, to=to)
        response.headers["Retry-After"] = str(problem.wait)
        return response
    except Refused as refusal:
        form.reject(refusal)
        return page(template, 422, form=form, to=to)
    try:
        return see(sign_in.complete_sign_in(ctx(), person, method="password", next=to))
    except Refused as refusal:
        form.reject(refusal)
        return page(template, 403, form=form, to=to)


def _email_in_address() -> str:
    try:
        return parse_email(request.args.get("email", ""))
    except Refused:
        return ""


def _session_end_sentence() -> str:
    """The sentence for somebody whose sign-in ended while they were away, or ''."""
    token = session.get(login.KEY)
    reason = queries.session_end_reason(ctx(), token) if isinstance(token, str) and request.method == "GET" else ""
    hours: int = current_app.config["PARLEY"].session_hours
    if reason == "idle":
        return ngettext(
            "You were signed out after %(num)d hour. Sign in to continue where you left off.",
            "You were signed out after %(num)d hours. Sign in to continue where you left off.",
            hours,
        )
    return _("You were signed out of this browser. Sign in to continue where you left off.") if reason else ""


@identity.route("/sign-out", methods=["GET", "POST"], endpoint="sign_out")
@public("the way out is never closed")
def sign_out() -> Any:
    """GET: a page with the button. POST: end the sign-in of this browser."""
    if ctx().person is None:
        return see(url_for(".sign_in"))
    form = PressForm()
    if not form.validate_on_submit():
        return page("identity/sign_out.html", 422 if form.is_submitted() else 200, form=form)
    sign_in.sign_out(ctx())
    flash(_("You are signed out."), "success")
    return see(url_for(".sign_in"))
