"""/me/sessions: the browsers in which the person is signed in."""

import datetime as dt
from typing import Any

from flask import Response, current_app, flash, url_for
from flask_babel import gettext as _

from portal.identity import actions, devices, queries, sign_in
from portal.identity.routes.blueprint import identity
from portal.kernel import ids
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import signed_in
from portal.web.htmx import see
from portal.web.own_pages import me_page


def _idle() -> dt.timedelta:
    return dt.timedelta(hours=current_app.config["PARLEY"].session_hours)


@identity.get("/me/sessions")
@signed_in
def sessions() -> Response:
    """List the browsers in which the person is signed in."""
    rows = queries.open_sessions(ctx(), _idle())
    return me_page("identity/sessions.html", rows=rows, device=devices.describe_device, form=PressForm())


@identity.route("/me/sessions/<session_id>/end", methods=["GET", "POST"])
@signed_in
def end_session(session_id: str) -> Any:
    """Sign one browser out."""
    row = queries.own_session(ctx(), ids.parse_id(session_id))
    form = PressForm()
    if not form.validate_on_submit():
        return me_page(
            "identity/end_session.html",
            422 if form.is_submitted() else 200,
            form=form,
            row=row,
            device=devices.describe_device,
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
    status = submit_form(form, lambda: actions.sign_out_elsewhere(ctx(), ctx().person)) if form.is_submitted() else 200
    if status:
        return me_page("identity/end_other_sessions.html", status, form=form)
    flash(_("You are signed out everywhere else."), "success")
    return see(url_for(".sessions"))
