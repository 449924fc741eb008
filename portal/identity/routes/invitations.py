"""/invite/<token>: accept an invitation. Opening the link spends nothing; the button does."""

from typing import Any

from flask import current_app, flash, url_for
from flask_babel import gettext as _

from portal.identity import actions, queries, sign_in
from portal.identity.forms import InvitationForm
from portal.identity.link_redemption import expired_link_page, redeem_and_sign_in
from portal.identity.models import User
from portal.identity.routes.blueprint import identity
from portal.kernel.errors import Gone
from portal.web.current import Directory, ctx
from portal.web.forms import PressForm
from portal.web.guards import public
from portal.web.htmx import page, see


@identity.route("/invite/<token>", methods=["GET", "POST"])
@public("the link is the key: 256 bits, hashed, once, for 7 days")
def invitation(token: str) -> Any:
    """Accept an invitation: set name and password, and sign in. Who signs in already only accepts."""
    try:
        person = actions.find_link_owner(ctx(), actions.INVITATION, token)
        holder = queries.holder_of(ctx(), person)
        places = _places(person) if holder is not person else []
        if holder.ended_at is not None or (holder is not person and not places):
            raise Gone
    except Gone:
        return _expired()
    values = {"token": token, "email": queries.primary_email(ctx(), person.id), "places": places}
    if holder is not person and queries.password_of(ctx(), holder.id) is not None:
        return _accept(holder, values)
    form = InvitationForm(name=person.name)
    values["form"] = form
    if not form.validate_on_submit():
        return page("identity/invitation.html", 422 if form.is_submitted() else 200, **values)
    return redeem_and_sign_in(form, "identity/invitation.html", values, actions.INVITATION, form.name.data)


def _accept(holder: User, values: dict[str, Any]) -> Any:
    """The page for somebody who signs in already: one button. It signs nobody in."""
    form = PressForm()
    if not form.validate_on_submit():
        return page("identity/invitation_accept.html", 422 if form.is_submitted() else 200, form=form, **values)
    here = ctx().person is not None and ctx().actor.user_id == holder.id
    if not here:
        sign_in.end_current(ctx())
    try:
        actions.accept_claim(ctx(), values["token"])
    except Gone:  # the same link was used at the same moment
        return _expired()
    flash(
        _("You belong to %(organization)s now.", organization=", ".join(values["places"]))
        if here
        else _("You belong to %(organization)s now. Sign in as always.", organization=", ".join(values["places"])),
        "success",
    )
    return see("/" if here else url_for(".sign_in", email=values["email"]))


def _places(person: User) -> list[str]:
    directory: Directory = current_app.extensions["parley_directory"]
    return list(directory.organization_names(ctx(), person))


def _expired() -> Any:
    return expired_link_page(_("Invitations work once, for 7 days. If you have a password already, sign in."))
