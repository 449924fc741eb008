"""/org/<slug>/sharing: who sees which cases."""

from flask import Response, flash, url_for
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.tenants.actions import organizations as actions
from portal.tenants.forms import SharingRulesForm
from portal.tenants.models import Organization
from portal.tenants.queries import contacts as contact_queries
from portal.tenants.queries.reporting_lines import MOST_LEVELS, managers
from portal.tenants.routes.blueprint import load_organization, organization
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import on_portal
from portal.web.htmx import page, see


@organization.get("/sharing")
@on_portal
def sharing(slug: str) -> Response:
    row = load_organization(slug, Permission.ORGANIZATION_RULES)
    return show_sharing(row, SharingRulesForm(obj=row))


@organization.post("/sharing")
@on_portal
def change_sharing(slug: str) -> Response:
    row, form = load_organization(slug, Permission.ORGANIZATION_RULES, lock=True), SharingRulesForm()
    status = submit_form(
        form,
        lambda: actions.change_organization(
            ctx(),
            row,
            default_visibility=form.default_visibility.data,
            requesters_see_shared=form.requesters_see_shared.data,
            admins_see_private=form.admins_see_private.data,
            managers_see=form.managers_see.data,
        ),
        current=row.version,
    )
    if status:
        return show_sharing(row, form, status)
    flash(_("Saved. It takes effect with the next click."), "success")
    return see(url_for("organization.sharing", slug=slug))


def show_sharing(row: Organization, form: SharingRulesForm, status: int = 200) -> Response:
    return page(
        "organization/sharing.html",
        status,
        row=row,
        form=form,
        administrators=contact_queries.administrators(ctx(), row, 20),
        managers=managers(ctx(), row, 20),
        levels=MOST_LEVELS,
    )
