"""/admin/sign-in/waiting: an address came back with another account; whose is it?"""

import uuid
from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _

from portal.sso.actions import arrivals as actions
from portal.sso.queries import linked as queries
from portal.sso.routes.blueprint import configures, sso
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import proved_recently
from portal.web.htmx import page, see


@sso.route("/admin/sign-in/waiting/<uuid:linked_id>", methods=["GET", "POST"])
@configures
@proved_recently
def same_person(linked_id: uuid.UUID) -> Any:
    """GET: who is who, with both answers. POST: it is the same person."""
    row = queries.waiting_sign_in(ctx(), linked_id)
    form = PressForm()
    status = submit_form(form, lambda: actions.keep_person(ctx(), row)) if form.is_submitted() else 200
    if status:
        return page("sso/waiting.html", status, form=form, row=row)
    flash(_("%(name)s signs in with the new account from now on.", name=row.user.name), "success")
    return see(url_for("sso.ways"))


@sso.route("/admin/sign-in/waiting/<uuid:linked_id>/new-person", methods=["GET", "POST"])
@configures
@proved_recently
def new_person(linked_id: uuid.UUID) -> Any:
    """It is somebody new; whoever had the address before has no access any more."""
    row = queries.waiting_sign_in(ctx(), linked_id)
    form, before = PressForm(), row.user.name
    status = submit_form(form, lambda: actions.replace_person(ctx(), row)) if form.is_submitted() else 200
    if status:
        return page("sso/waiting_new_person.html", status, form=form, row=row)
    flash(
        _("%(address)s now belongs to a new person. %(name)s no longer has access.", address=row.email, name=before),
        "success",
    )
    return see(url_for("sso.ways"))
