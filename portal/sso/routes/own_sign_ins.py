"""/me/sign-ins: the person's accounts at identity providers."""

import uuid
from typing import Any

from flask import Response, flash, url_for
from flask_babel import gettext as _

from portal.kernel.errors import NotFound
from portal.sso import pages
from portal.sso.actions import arrivals as actions
from portal.sso.queries import linked as queries
from portal.sso.routes.blueprint import sso
from portal.sso.servers.refusals import SignInRefused
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import proved_recently, signed_in
from portal.web.htmx import see
from portal.web.own_pages import me_page


@sso.get("/me/sign-ins")
@signed_in
def own_sign_ins() -> Response:
    """List them, with what can be added."""
    return _show(PressForm())


@sso.route("/me/sign-ins/<name>/add", methods=["GET", "POST"])
@signed_in
@proved_recently
def add_own(name: str) -> Any:
    """Go to the identity provider to link an account there."""
    way = next((one for one in queries.own_choices(ctx()) if one.name == name), None)
    if way is None:
        raise NotFound
    form, there = PressForm(), list[Response]()
    try:
        status = (
            submit_form(form, lambda: there.append(pages.begin_trip(way, pages.LINK))) if form.is_submitted() else 200
        )
    except SignInRefused as refusal:
        return pages.refused_page(refusal.code, pages.WayName.of(way), back=url_for("sso.own_sign_ins"))
    return there[0] if not status else _show(form, status)


@sso.route("/me/sign-ins/<uuid:linked_id>/remove", methods=["GET", "POST"])
@signed_in
@proved_recently
def remove_own(linked_id: uuid.UUID) -> Any:
    """Ask, and forget one."""
    row = queries.own_sign_in(ctx(), linked_id)
    form = PressForm()
    status = submit_form(form, lambda: actions.unlink(ctx(), row)) if form.is_submitted() else 200
    if status:
        return me_page("sso/remove_own.html", status, form=form, row=row)
    flash(_("You no longer sign in with %(label)s.", label=row.way.label), "success")
    return see(url_for("sso.own_sign_ins"))


def _show(form: PressForm, status: int = 200) -> Response:
    choices = queries.own_choices(ctx())
    pages.allow_ways(*choices)
    return me_page("sso/own_sign_ins.html", status, rows=queries.own_sign_ins(ctx()), choices=choices, form=form)
