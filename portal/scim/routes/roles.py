"""/admin/organizations/<slug>/scim/roles: the roles that groups of the identity provider give."""

import uuid
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _

from portal.kernel.ids import parse_id
from portal.scim.actions import groups as actions
from portal.scim.forms import GroupRoleForm
from portal.scim.pages.provisioning import offer_group_role, show_provisioning
from portal.scim.queries import groups as queries
from portal.scim.routes.blueprint import connects, scim
from portal.tenants.queries.accounts import accounts_of
from portal.tenants.queries.organizations import organization
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import proved_recently
from portal.web.htmx import page, see


@scim.route("/admin/organizations/<slug>/scim/roles", methods=["GET", "POST"])
@connects
@proved_recently
def set_group_role(slug: str) -> Any:
    """Let a group give a role in an account. The form stands on the page of the token, where a GET leads."""
    row = organization(ctx(), slug)
    if request.method != "POST":
        return see(url_for(".token", slug=slug, _anchor="groups"))
    form = offer_group_role(row, GroupRoleForm())

    def act() -> None:
        wanted = parse_id(form.group_account.data or "")
        account = next((one for one in accounts_of(ctx(), row) if one.id == wanted), None)
        actions.set_group_role(ctx(), row, form.group.data or "", account, form.group_role.data or "")

    status = submit_form(form, act)
    if status:
        return show_provisioning(row, status, group_form=form)
    flash(_("The people in %(group)s have this role from now on.", group=form.group.data), "success")
    return see(url_for(".token", slug=slug, _anchor="groups"))


@scim.route("/admin/organizations/<slug>/scim/roles/<uuid:group_role_id>/remove", methods=["GET", "POST"])
@connects
@proved_recently
def remove_group_role(slug: str, group_role_id: uuid.UUID) -> Any:
    """Ask, and let a group give a role no more."""
    row, form = organization(ctx(), slug), PressForm()
    given = queries.group_role(ctx(), row, group_role_id)
    name, count = given.group, len(queries.people_given_by(ctx(), given))
    status = submit_form(form, lambda: actions.remove_group_role(ctx(), row, given)) if form.is_submitted() else 200
    if status:
        return page("scim/remove_group_role.html", status, row=row, form=form, given=given, count=count)
    flash(_("The group %(group)s no longer gives this role.", group=name), "success")
    return see(url_for(".token", slug=slug, _anchor="groups"))
