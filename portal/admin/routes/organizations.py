"""Client organizations."""

from flask import Response, flash, url_for
from flask_babel import gettext as _

from portal.admin.forms.organizations import NewOrganizationForm, OrganizationForm
from portal.admin.routes.blueprint import (
    admin,
    configures,
    last_changed_by,
    reads,
    shows_archived,
)
from portal.identity.queries import sign_ins
from portal.tenants.actions import organizations as actions
from portal.tenants.models import Organization
from portal.tenants.queries import accounts as account_queries
from portal.tenants.queries import contacts as contact_queries
from portal.tenants.queries import organizations as organization_queries
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import proved_recently
from portal.web.htmx import page, see
from portal.web.urls import list_page, search_words


@admin.get("/organizations")
@reads
def organizations() -> Response:
    q, old = search_words(), shows_archived()
    found = organization_queries.organizations_page(ctx(), q=q, active=not old, number=list_page())
    counts = organization_queries.organization_counts(ctx(), [row.id for row in found.rows])
    return page("admin/organizations.html", found=found, counts=counts, q=q, archived=old)


@admin.get("/organizations/new")
@configures
def new_organization() -> Response:
    return page("admin/organization_new.html", form=NewOrganizationForm())


@admin.post("/organizations/new")
@configures
def add_organization() -> Response:
    form = NewOrganizationForm()
    made: list[Organization] = []
    status = submit_form(
        form,
        lambda: made.append(
            actions.add_organization(ctx(), name=form.name.data, default_visibility=form.default_visibility.data)
        ),
    )
    if status:
        return page("admin/organization_new.html", status, form=form)
    flash(_("%(name)s was added. Add an account next.", name=made[0].name), "success")
    return see(url_for("admin.organization", slug=made[0].slug))


@admin.get("/organizations/<slug>")
@reads
def organization(slug: str) -> Response:
    row = organization_queries.organization(ctx(), slug)
    return show_organization(row, OrganizationForm(obj=row))


@admin.post("/organizations/<slug>")
@configures
@proved_recently
def change_organization(slug: str) -> Response:
    row = organization_queries.organization(ctx(), slug, lock=True)
    was_active = row.active
    form = OrganizationForm()
    status = submit_form(
        form,
        lambda: actions.change_organization(ctx(), row, **form.facts()),
        current=row.version,
        changed_by=last_changed_by(row.id),
    )
    if status:
        return show_organization(row, form, status)
    if was_active and not row.active:
        flash(
            _("%(name)s is archived. The people who look after its open cases are notified.", name=row.name), "success"
        )
    elif row.active and not was_active:
        flash(_("%(name)s is no longer archived.", name=row.name), "success")
    else:
        flash(_("Saved."), "success")
    return see(url_for("admin.organization", slug=row.slug))


def show_organization(row: Organization, form: OrganizationForm, status: int = 200) -> Response:
    """The organization with its accounts and the first of its people."""
    people = contact_queries.contacts_page(ctx(), row)
    return page(
        "admin/organization.html",
        status,
        row=row,
        form=form,
        accounts=account_queries.accounts_of(ctx(), row),
        people=people,
        sign_ins=sign_ins(ctx(), [contact.user_id for contact in people.rows]),
    )
