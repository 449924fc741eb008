"""/sign-in/link/<token>: sign in with a mailed link. Opening it spends nothing; the button does."""

from typing import Any

from flask_babel import gettext as _

from portal.identity import actions, queries, sign_in
from portal.identity.link_redemption import expired_link_page
from portal.identity.routes.blueprint import identity
from portal.kernel.errors import Gone, Refused
from portal.web.current import ctx
from portal.web.forms import PressForm
from portal.web.guards import public
from portal.web.htmx import page, see


@identity.route("/sign-in/link/<token>", methods=["GET", "POST"])
@public("the link is the key: 256 bits, hashed, once, for an hour")
def sign_in_link(token: str) -> Any:
    """A page with the button that signs in."""
    try:
        person = actions.find_link_owner(ctx(), actions.SIGN_IN, token)
    except Gone:
        return expired_link_page(_("Links to sign in work once, for 1 hour."))
    form = PressForm()
    values = {"form": form, "token": token, "email": queries.primary_email(ctx(), person.id)}
    if not form.validate_on_submit():
        return page("identity/sign_in_link.html", 422 if form.is_submitted() else 200, **values)
    sign_in.end_current(ctx())
    try:
        actions.spend_sign_in_link(ctx(), token)
        return see(sign_in.complete_sign_in(ctx(), person, method="link"))
    except Gone:  # the same link was used at the same moment
        return expired_link_page(_("Links to sign in work once, for 1 hour."))
    except Refused as refusal:
        form.reject(refusal)
        return page("identity/sign_in_link.html", 403, **values)
