"""/invite/<token>: accept an invitation. Opening the link spends nothing; the button does."""

from typing import Any

from flask_babel import gettext as _

from portal.identity import actions, queries
from portal.identity.forms import InvitationForm
from portal.identity.link_redemption import expired_link_page, redeem_and_sign_in
from portal.identity.routes.blueprint import identity
from portal.kernel.errors import Gone
from portal.web.current import ctx
from portal.web.guards import public
from portal.web.htmx import page


@identity.route("/invite/<token>", methods=["GET", "POST"])
@public("the link is the key: 256 bits, hashed, once, for 7 days")
def invitation(token: str) -> Any:
    """Accept an invitation: set name and password, and sign in."""
    try:
        person = actions.find_link_owner(ctx(), actions.INVITATION, token)
    except Gone:
        return expired_link_page(_("Invitations work once, for 7 days. If you have a password already, sign in."))
    form = InvitationForm(name=person.name)
    values = {"form": form, "token": token, "email": queries.primary_email(ctx(), person.id)}
    if not form.validate_on_submit():
        return page("identity/invitation.html", 422 if form.is_submitted() else 200, **values)
    return redeem_and_sign_in(form, "identity/invitation.html", values, actions.INVITATION, form.name.data)
