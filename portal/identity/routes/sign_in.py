"""/sign-in and /sign-out."""

from typing import Any

from flask import Response, current_app, flash, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.identity import queries, sign_in
from portal.identity.forms import PasswordForm, SignInForm
from portal.identity.registration_rules import is_registration_offered
from portal.identity.routes.blueprint import identity
from portal.identity.sign_in_ways import find_sign_in_way, list_sign_in_buttons
from portal.kernel.errors import Refused, TooMany
from portal.web import login
from portal.web.current import ctx
from portal.web.forms import PressForm, parse_email
from portal.web.guards import public
from portal.web.headers import allow_form_target
from portal.web.htmx import page, see


@identity.route("/sign-in", methods=["GET", "POST"], endpoint="sign_in")
@public("people sign in here")
def show_sign_in() -> Any:
    """The address; the next page offers what can be used with it. A password may come along."""
    to = sign_in.safe_next_path(request.values.get("next"))
    if request.method == "GET" and ctx().person is not None:
        return redirect(to or sign_in.home_path(ctx()))
    form = SignInForm()
    if not form.validate_on_submit():
        form.email.data = form.email.data or _email_in_address()
        status = 422 if form.is_submitted() else 200
        return _show(form, "identity/sign_in.html", status, to, over=_session_end_sentence())
    way = find_sign_in_way(ctx(), form.email.data)
    if way is not None and (way[1] or not form.password.data):
        # The domain decides, whoever the person is: the answer is the same for known and unknown addresses.
        return see(url_for("sso.sign_in_with", name=way[0], email=form.email.data, next=to or None))
    if not form.password.data:
        return see(url_for(".sign_in_password", email=form.email.data, next=to or None))
    return _sign_in(form, "identity/sign_in_password.html", to)


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
        return _show(form, "identity/sign_in_password.html", 200, to)
    if not form.validate():
        template = "identity/sign_in.html" if form.email.errors else "identity/sign_in_password.html"
        return _show(form, template, 422, to)
    return _sign_in(form, "identity/sign_in_password.html", to)


def _sign_in(form: SignInForm, template: str, to: str) -> Response:
    """Sign in with the values of the form, or show it again with one sentence."""
    try:
        person = sign_in.authenticate(ctx(), form.email.data, form.password.data)
    except TooMany as problem:
        form.form_errors.append(problem.message)
        response = _show(form, template, 429, to)
        response.headers["Retry-After"] = str(problem.wait)
        return response
    except Refused as refusal:
        form.reject(refusal)
        return _show(form, template, 422, to)
    try:
        return see(sign_in.complete_sign_in(ctx(), person, method="password", next=to))
    except Refused as refusal:
        form.reject(refusal)
        return _show(form, template, 403, to)


def _show(form: SignInForm, template: str, status: int, to: str, **more: Any) -> Response:
    """The page of sign-in; its forms may lead on to the identity providers."""
    ways = list_sign_in_buttons(ctx()) if template == "identity/sign_in.html" else ()
    origins = [origin for way in ways for origin in way.origins]
    if origins:
        allow_form_target(*dict.fromkeys(origins))
    may_register = is_registration_offered(ctx())
    return page(template, status, form=form, to=to, ways=ways, may_register=may_register, **more)


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
