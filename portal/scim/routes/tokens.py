"""/admin/organizations/<slug>/scim: the token of an organization's identity provider."""

from typing import Any

from flask import Response, flash, url_for
from flask_babel import gettext as _

from portal.kernel.ids import parse_id
from portal.scim.actions import tokens as actions
from portal.scim.forms import TokenForm
from portal.scim.pages.provisioning import offer_token, show_provisioning
from portal.scim.routes.blueprint import connects, reads, scim
from portal.tenants.queries.accounts import accounts_of
from portal.tenants.queries.organizations import organization
from portal.web.bearer_tokens import keep_fresh_token, take_fresh_token
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import proved_recently
from portal.web.htmx import page, see


@scim.get("/admin/organizations/<slug>/scim")
@reads
def token(slug: str) -> Response:
    """The address to enter at the identity provider, and the token just after it was made."""
    row = organization(ctx(), slug)
    return show_provisioning(row, fresh=take_fresh_token(row.id))


@scim.post("/admin/organizations/<slug>/scim")
@connects
@proved_recently
def make_token(slug: str) -> Response:
    """Make a token in place of an earlier one."""
    row = organization(ctx(), slug)
    form, made = offer_token(row, TokenForm()), list[str]()

    def act() -> None:
        wanted = parse_id(form.account.data or "")
        account = next((one for one in accounts_of(ctx(), row) if one.id == wanted), None)
        made.append(actions.make_token(ctx(), row, account, form.role.data or ""))

    status = submit_form(form, act)
    if status:
        return show_provisioning(row, status, form=form)
    keep_fresh_token(made[0], row.id)
    flash(_("The token was made. Copy it now: it is shown once."), "success")
    return see(url_for(".token", slug=slug))


@scim.route("/admin/organizations/<slug>/scim/end", methods=["GET", "POST"])
@connects
@proved_recently
def end_token(slug: str) -> Any:
    """Ask, and end the token."""
    row = organization(ctx(), slug)
    form = PressForm()
    status = submit_form(form, lambda: actions.end_token(ctx(), row)) if form.is_submitted() else 200
    if status:
        return page("scim/end.html", status, row=row, form=form)
    flash(_("The token does not work any more."), "success")
    return see(url_for(".token", slug=slug))
