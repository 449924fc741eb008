"""/me: one's own profile, preferences, password and sign-ins."""

import datetime as dt
from typing import Any

from flask import Response, current_app, flash, url_for
from flask_babel import gettext as _
from flask_babel import refresh

from portal.identity import actions, devices, queries, sign_in, zones
from portal.identity.forms import ChangePasswordForm, PreferencesForm, ProfileForm, StaffPreferencesForm
from portal.identity.routes import identity
from portal.kernel import ids
from portal.kernel.errors import Refused, TooMany
from portal.web import throttle
from portal.web.current import ctx
from portal.web.forms import PressForm
from portal.web.guards import signed_in
from portal.web.htmx import page, see

# Tabs that later features own appear as soon as their page exists.
_TABS = (
    "identity.profile",
    "identity.preferences",
    "notifications.preferences",
    "identity.security",
    "identity.sessions",
)


def own_page(template: str, status: int = 200, /, **values: Any) -> Response:
    """A page of /me in the shell of the side that the person stands on."""
    layout = "layouts/desk.html" if ctx().actor.is_staff else "layouts/portal.html"
    tabs = [name for name in _TABS if name in current_app.view_functions]
    return page(template, status, layout=layout, tabs=tabs, **values)


@identity.route("/me", methods=["GET", "POST"])
@signed_in
def profile() -> Any:
    """Name and phone; the addresses are shown."""
    person = ctx().person
    form = ProfileForm(name=person.name, phone=person.phone)
    if not form.validate_on_submit():
        addresses = queries.addresses(ctx(), person.id)
        return own_page("identity/profile.html", 422 if form.is_submitted() else 200, form=form, addresses=addresses)
    actions.change_profile(ctx(), person, name=form.name.data, phone=form.phone.data or "")
    flash(_("Saved."), "success")
    return see(url_for(".profile"))


@identity.route("/me/preferences", methods=["GET", "POST"])
@signed_in
def preferences() -> Any:
    """Language, zone and appearance; for staff also density and shortcuts."""
    person, staff = ctx().person, ctx().actor.is_staff
    kept = {name: getattr(person, name) for name in ("locale", "zone", "theme", "density", "shortcuts")}
    form = StaffPreferencesForm(data=kept) if staff else PreferencesForm(data=kept)
    form.locale.choices = zones.languages(ctx().provider)
    first = _("As %(name)s: %(zone)s", name=ctx().provider.called, zone=ctx().provider.zone)
    form.zone.choices = zones.zones(ctx().now, first)
    if not form.validate_on_submit():
        return own_page("identity/preferences.html", 422 if form.is_submitted() else 200, form=form, staff=staff)
    chosen = {name: form[name].data if name in form else value for name, value in kept.items()}
    actions.change_preferences(ctx(), person, **chosen)
    refresh()
    flash(_("Saved."), "success")
    return see(url_for(".preferences"))


@identity.route("/me/security", methods=["GET", "POST"])
@signed_in
def security() -> Any:
    """Change the password: needs the current one, and signs every other browser out."""
    form = ChangePasswordForm()
    if not form.validate_on_submit():
        return own_page(
            "identity/security.html",
            422 if form.is_submitted() else 200,
            form=form,
            email=queries.primary_email(ctx(), ctx().person.id),
        )
    status = _change_password(form)
    if status:
        return own_page(
            "identity/security.html", status, form=form, email=queries.primary_email(ctx(), ctx().person.id)
        )
    flash(_("Your password was changed. Other browsers are signed out."), "success")
    return see(url_for(".security"))


def _change_password(form: ChangePasswordForm) -> int:
    """0 when it was changed, else the status to show the form with. An open browser is no place for guessing either."""
    guesses = f"own {ctx().person.id}"
    try:
        throttle.check(ctx(), guesses)
        actions.change_password(ctx(), ctx().person, current=form.current.data, new=form.password.data)
    except TooMany as problem:
        form.form_errors.append(problem.message)
        return 429
    except Refused as refusal:
        if refusal.field == "current":
            throttle.failed(ctx(), guesses)
        form.reject(refusal)
        return 422
    throttle.succeeded(ctx(), guesses)
    return 0


def _idle() -> dt.timedelta:
    return dt.timedelta(hours=current_app.config["PARLEY"].session_hours)


@identity.get("/me/sessions")
@signed_in
def sessions() -> Response:
    """Where one is signed in."""
    rows = queries.open_sessions(ctx(), _idle())
    return own_page("identity/sessions.html", rows=rows, device=devices.in_words, form=PressForm())


@identity.route("/me/sessions/<session_id>/end", methods=["GET", "POST"])
@signed_in
def end_session(session_id: str) -> Any:
    """Sign one browser out."""
    row = queries.own_session(ctx(), ids.parse(session_id))
    form = PressForm()
    if not form.validate_on_submit():
        return own_page(
            "identity/end_session.html",
            422 if form.is_submitted() else 200,
            form=form,
            row=row,
            device=devices.in_words,
        )
    if row.id == ctx().session_id:
        sign_in.sign_out(ctx())
        flash(_("You are signed out."), "success")
        return see(url_for(".sign_in"))
    actions.end_session(ctx(), row)
    flash(_("That browser is signed out."), "success")
    return see(url_for(".sessions"))


@identity.route("/me/sessions/end-others", methods=["GET", "POST"])
@signed_in
def end_other_sessions() -> Any:
    """Sign out everywhere else."""
    form = PressForm()
    if not form.validate_on_submit():
        return own_page("identity/end_other_sessions.html", 422 if form.is_submitted() else 200, form=form)
    actions.sign_out_elsewhere(ctx(), ctx().person)
    flash(_("You are signed out everywhere else."), "success")
    return see(url_for(".sessions"))
