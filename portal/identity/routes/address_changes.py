"""/email/<token>: prove a new address. Opening the link spends nothing; the button does."""

from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _

from portal.identity import actions
from portal.identity.link_redemption import expired_link_page
from portal.identity.routes.blueprint import identity
from portal.kernel.errors import Gone
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import public
from portal.web.htmx import page, see


@identity.route("/email/<token>", methods=["GET", "POST"])
@public("the link is the key: 256 bits, hashed, once, for 7 days")
def confirm_address(token: str) -> Any:
    """Use the new address from now on. It signs nobody in."""
    form = PressForm()
    try:
        person = actions.find_link_owner(ctx(), actions.EMAIL_CHANGE, token)
        email = person.new_email
        if not email:
            raise Gone
        status = submit_form(form, lambda: actions.confirm_address(ctx(), token)) if form.is_submitted() else 200
    except Gone:
        return expired_link_page(_("Links that confirm an address work once, for 7 days."))
    if status:
        return page("identity/address_change.html", status, form=form, token=token, email=email, name=person.name)
    flash(_("%(email)s is your address from now on.", email=email), "success")
    return see("/" if ctx().person is not None else url_for(".sign_in", email=email))
