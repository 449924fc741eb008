"""/org/<slug>: what there is; /org/<slug>/sharing: who sees what."""

from flask import Response, flash, url_for
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.tenants.actions import clients as actions
from portal.tenants.forms import SharingForm
from portal.tenants.models import Organization
from portal.tenants.queries import clients, membership
from portal.tenants.routes.blueprint import organization, own
from portal.web.current import ctx
from portal.web.edit_conflict import submit
from portal.web.guards import on_portal
from portal.web.htmx import page, see


@organization.get("")
@on_portal
def overview(slug: str) -> Response:
    row = own(slug, Permission.ORGANIZATION_PEOPLE)
    accounts = clients.accounts_of(ctx(), row)
    return page(
        "organization/overview.html",
        row=row,
        accounts=accounts,
        counts=clients.counts(ctx(), [row.id])[row.id],
        pending=membership.pending_count(ctx(), row),
        environments=[e for e in clients.environments_of(ctx(), [a.id for a in accounts]) if e.active],
    )


@organization.get("/sharing")
@on_portal
def sharing(slug: str) -> Response:
    row = own(slug, Permission.ORGANIZATION_RULES)
    return show_sharing(row, SharingForm(obj=row))


@organization.post("/sharing")
@on_portal
def change_sharing(slug: str) -> Response:
    row, form = own(slug, Permission.ORGANIZATION_RULES, lock=True), SharingForm()
    status = submit(
        form,
        lambda: actions.change_organization(
            ctx(),
            row,
            default_visibility=form.default_visibility.data,
            requesters_see_shared=form.requesters_see_shared.data,
            admins_see_private=form.admins_see_private.data,
        ),
        current=row.version,
    )
    if status:
        return show_sharing(row, form, status)
    flash(_("Saved. It holds from the next click on."), "success")
    return see(url_for("organization.sharing", slug=slug))


def show_sharing(row: Organization, form: SharingForm, status: int = 200) -> Response:
    return page(
        "organization/sharing.html",
        status,
        row=row,
        form=form,
        administrators=membership.administrators(ctx(), row, 20),
    )
