"""/admin/sign-in/domains: which domains and directories belong to which organization."""

import uuid
from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _

from portal.kernel.ids import parse_id
from portal.sso.actions import ways as actions
from portal.sso.forms import DomainForm
from portal.sso.queries import ways as queries
from portal.sso.routes.blueprint import configures, sso
from portal.sso.rules import ARRIVAL_ROLES
from portal.tenants.queries.accounts import account_choices
from portal.tenants.queries.organizations import organization, organization_choices
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import proved_recently
from portal.web.htmx import page, see
from portal.web.role_labels import role_name
from portal.web.urls import text_parameter


@sso.route("/admin/sign-in/domains/new", methods=["GET", "POST"])
@configures
@proved_recently
def new_domain() -> Any:
    """Let a domain or a directory belong to an organization."""
    form = DomainForm()
    organizations = organization_choices(ctx())
    form.organization.choices = [
        ("", _("%(name)s itself", name=ctx().provider.called)),
        *((row.slug, row.name) for row in organizations),
    ]
    if not form.is_submitted():
        form.organization.data = text_parameter("organization", 60)
    places = {row.id: place for place, row in enumerate(organizations)}
    accounts = [row for row in account_choices(ctx(), 1000) if row.organization_id in places]
    accounts.sort(key=lambda row: places[row.organization_id])
    form.account.choices = [
        ("", _("Nothing: only people who are listed sign in")),
        *((str(account.id), f"{account.name} ({account.key})") for account in accounts),
    ]
    form.role.choices = [(role, role_name(role)) for role in ARRIVAL_ROLES]

    def act() -> None:
        slug = form.organization.data
        owner = organization(ctx(), slug) if slug else None
        actions.add_domain(
            ctx(),
            owner,
            form.kind.data or "",
            form.value.data or "",
            account_id=parse_id(form.account.data or ""),
            role=form.role.data or "",
        )

    status = submit_form(form, act) if form.is_submitted() else 200
    if status:
        return page("sso/domain_new.html", status, form=form)
    flash(_("Saved."), "success")
    return see(url_for("sso.ways") + "#domains")


@sso.route("/admin/sign-in/domains/<uuid:domain_id>/delete", methods=["GET", "POST"])
@configures
@proved_recently
def delete_domain(domain_id: uuid.UUID) -> Any:
    """Ask, and take it away."""
    row = queries.domain(ctx(), domain_id)
    form = PressForm()
    status = submit_form(form, lambda: actions.remove_domain(ctx(), row)) if form.is_submitted() else 200
    if status:
        return page("sso/domain_delete.html", status, form=form, row=row)
    flash(_("%(domain)s was removed.", domain=row.value), "success")
    return see(url_for("sso.ways") + "#domains")
