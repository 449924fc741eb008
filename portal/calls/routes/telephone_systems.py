"""/admin/phone/systems: the telephone systems that report calls, and their tokens."""

import uuid
from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.calls.actions import telephone_systems as actions
from portal.calls.forms.telephone_systems import NewSystemForm, SystemForm
from portal.calls.models import TelephoneSystem
from portal.calls.queries import telephone_systems as queries
from portal.calls.routes.blueprint import calls
from portal.kernel.retention import days_of
from portal.web.bearer_tokens import keep_fresh_token, take_fresh_token
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import proved_recently, requires
from portal.web.htmx import page, see
from portal.web.urls import outside_url

reads = requires(Permission.PROVIDER_READ)
connects = requires(Permission.PROVIDER_CONNECT)


@calls.get("/admin/phone/systems")
@reads
def telephone_systems() -> Any:
    """The list, with when each was heard from."""
    context = ctx()
    return page(
        "calls/admin/systems.html",
        rows=queries.telephone_systems(context),
        heard=queries.last_heard(context),
        days=days_of("incoming_calls"),
    )


@calls.route("/admin/phone/systems/new", methods=["GET", "POST"])
@connects
@proved_recently
def new_system() -> Any:
    """Add one; its page shows the token once."""
    form, made = NewSystemForm(), list[tuple[TelephoneSystem, str]]()
    status = (
        submit_form(form, lambda: made.append(actions.add_system(ctx(), form.name.data or "")))
        if form.is_submitted()
        else 200
    )
    if status:
        return page("calls/admin/new_system.html", status, form=form)
    row, token = made[0]
    return _show_token(row, token)


@calls.get("/admin/phone/systems/<uuid:system_id>")
@reads
def telephone_system(system_id: uuid.UUID) -> Any:
    """One telephone system: the address for it, its token just after it was made, when it was heard from."""
    row = queries.telephone_system(ctx(), system_id)
    form = SystemForm(formdata=None)
    form.name.data, form.active.data, form.version.data = row.name, row.active, str(row.version)
    return _system_page(row, form, fresh=take_fresh_token(row.id))


@calls.post("/admin/phone/systems/<uuid:system_id>")
@connects
def change_system(system_id: uuid.UUID) -> Any:
    """Rename it, or switch it off and on."""
    row, form = queries.telephone_system(ctx(), system_id, lock=True), SystemForm()
    status = submit_form(
        form,
        lambda: actions.change_system(ctx(), row, name=form.name.data or "", active=bool(form.active.data)),
        current=row.version,
    )
    if status:
        return _system_page(row, form, status)
    flash(_("Saved."), "success")
    return see(url_for("calls.telephone_systems"))


@calls.route("/admin/phone/systems/<uuid:system_id>/token", methods=["GET", "POST"])
@connects
@proved_recently
def make_system_token(system_id: uuid.UUID) -> Any:
    """Ask, and make a token in place of the one in use."""
    row = queries.telephone_system(ctx(), system_id)
    form, made = PressForm(), list[str]()
    status = submit_form(form, lambda: made.append(actions.make_token(ctx(), row))) if form.is_submitted() else 200
    if status:
        return page("calls/admin/system_token.html", status, row=row, form=form, ends=False)
    return _show_token(row, made[0])


@calls.route("/admin/phone/systems/<uuid:system_id>/end", methods=["GET", "POST"])
@connects
@proved_recently
def end_system_token(system_id: uuid.UUID) -> Any:
    """Ask, and revoke the token."""
    row, form = queries.telephone_system(ctx(), system_id), PressForm()
    status = submit_form(form, lambda: actions.end_token(ctx(), row)) if form.is_submitted() else 200
    if status:
        return page("calls/admin/system_token.html", status, row=row, form=form, ends=True)
    flash(_("The token does not work any more."), "success")
    return see(url_for("calls.telephone_system", system_id=row.id))


def _show_token(row: TelephoneSystem, token: str) -> Any:
    keep_fresh_token(token, row.id)
    flash(_("The token was made. Copy it now: it is shown once."), "success")
    return see(url_for("calls.telephone_system", system_id=row.id))


def _system_page(row: TelephoneSystem, form: SystemForm, status: int = 200, *, fresh: str = "") -> Any:
    return page(
        "calls/admin/system.html",
        status,
        row=row,
        form=form,
        fresh=fresh,
        heard=queries.last_heard(ctx()).get(row.id),
        address=outside_url("/phone/events"),
        days=days_of("incoming_calls"),
    )
