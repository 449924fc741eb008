"""The shared part of the pages of mailed links: spend the link, set the password, sign in."""

from typing import Any

from flask import Response, flash, url_for
from flask_babel import gettext as _

from portal.identity import actions, sign_in
from portal.kernel.errors import Gone, Refused
from portal.web.current import ctx
from portal.web.errors import error_page
from portal.web.forms import Form
from portal.web.htmx import page, see


def redeem_and_sign_in(form: Form, template: str, values: dict[str, Any], purpose: str, name: str) -> Response:
    """Spend the link, set the password and sign in; or show the form again with the typed values."""
    sign_in.end_current(ctx())
    try:
        person = actions.redeem_link(ctx(), purpose, values["token"], form.password.data, name=name)
        landing = sign_in.complete_sign_in(ctx(), person, method=purpose)
    except Gone:  # the same link was used at the same moment
        return expired_link_page(_("Links from our emails work once and for a limited time."))
    except Refused as refusal:
        form.reject(refusal)
        return page(template, 422, **values)
    signed_in = ctx().person is not None  # else a second factor comes first
    flash(_("Your password is set. You are signed in.") if signed_in else _("Your password is set."), "success")
    return see(landing)


def expired_link_page(reason: str) -> Response:
    return error_page(410, reason=reason, again_href=url_for("identity.forgot"))
