"""/me: name and phone of the signed-in person."""

from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _

from portal.identity import actions, queries
from portal.identity.forms import ProfileForm
from portal.identity.routes.blueprint import identity
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import signed_in
from portal.web.htmx import see
from portal.web.own_pages import me_page


@identity.route("/me", methods=["GET", "POST"])
@signed_in
def profile() -> Any:
    """Name and phone; the addresses are shown."""
    person = ctx().person
    form = ProfileForm(name=person.name, phone=person.phone)

    def act() -> None:
        actions.change_profile(ctx(), person, name=form.name.data, phone=form.phone.data or "")

    status = submit_form(form, act) if form.is_submitted() else 200
    if status:
        addresses = queries.addresses(ctx(), person.id)
        return me_page("identity/profile.html", status, form=form, addresses=addresses)
    flash(_("Saved."), "success")
    return see(url_for(".profile"))
