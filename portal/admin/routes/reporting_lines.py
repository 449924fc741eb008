"""To whom a person of a client reports, set on the desk."""

import uuid

from flask import Response, flash, url_for

from portal.admin.routes.blueprint import admin, configures
from portal.tenants.actions.reporting_lines import lock_lines
from portal.tenants.manager_choice import filled_form, manager_facts, manager_sentence, save_manager, sent_form, version
from portal.tenants.models import Contact, Organization
from portal.tenants.queries import contacts as contact_queries
from portal.tenants.queries import organizations as organization_queries
from portal.web.current import ctx
from portal.web.edit_conflict import VersionedForm
from portal.web.form_flow import submit_form
from portal.web.htmx import page, see


@admin.get("/organizations/<slug>/people/<uuid:contact_id>/manager")
@configures
def manager(slug: str, contact_id: uuid.UUID) -> Response:
    row = organization_queries.organization(ctx(), slug)
    contact = contact_queries.contact(ctx(), row, contact_id)
    return show_manager(row, contact, filled_form(contact))


@admin.post("/organizations/<slug>/people/<uuid:contact_id>/manager")
@configures
def change_manager(slug: str, contact_id: uuid.UUID) -> Response:
    row = organization_queries.organization(ctx(), slug)
    lock_lines(ctx(), row.id)
    contact, form = contact_queries.contact(ctx(), row, contact_id, lock=True), sent_form()
    status = submit_form(form, lambda: save_manager(contact, form), current=version(contact))
    if status:
        return show_manager(row, contact, form, status)
    flash(manager_sentence(contact), "success")
    return see(url_for("admin.contact", slug=slug, contact_id=contact_id))


def show_manager(row: Organization, contact: Contact, form: VersionedForm, status: int = 200) -> Response:
    return page("admin/manager.html", status, form=form, **manager_facts(row, contact))
