"""/org/<slug>/people/<id>/manager: to whom a colleague reports."""

import uuid

from flask import Response, flash, url_for
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.kernel.errors import Forbidden
from portal.tenants.actions import reporting_lines as actions
from portal.tenants.actions.contacts import reaches_all
from portal.tenants.forms import ManagerForm
from portal.tenants.manager_choice import filled_form, manager_facts, manager_sentence, save_manager, version
from portal.tenants.models import Contact, Organization
from portal.tenants.queries import contacts as contact_queries
from portal.tenants.routes.blueprint import load_organization, organization
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import on_portal
from portal.web.htmx import page, see

MAY = Permission.ORGANIZATION_PEOPLE


@organization.get("/people/<uuid:contact_id>/manager")
@on_portal
def manager(slug: str, contact_id: uuid.UUID) -> Response:
    row, contact = load_changeable(slug, contact_id)
    return show_manager(row, contact, filled_form(contact))


@organization.post("/people/<uuid:contact_id>/manager")
@on_portal
def change_manager(slug: str, contact_id: uuid.UUID) -> Response:
    row, contact = load_changeable(slug, contact_id, lock=True)
    form = ManagerForm()
    status = submit_form(form, lambda: save_manager(contact, form), current=version(contact))
    if status:
        return show_manager(row, contact, form, status)
    flash(manager_sentence(contact), "success")
    return see(url_for("organization.person", slug=slug, contact_id=contact_id))


def load_changeable(slug: str, contact_id: uuid.UUID, *, lock: bool = False) -> tuple[Organization, Contact]:
    """The organization and a colleague in it whose manager the person may set; Forbidden where they may not."""
    row = load_organization(slug, MAY)
    if lock:
        actions.lock_lines(ctx(), row.id)
    contact = contact_queries.contact(ctx(), row, contact_id, lock=lock)
    if contact.user_id == ctx().actor.user_id:
        raise Forbidden(_("You cannot change to whom you report. Ask another administrator or support."))
    if not reaches_all(ctx(), contact):
        raise Forbidden(_("This person also has access to accounts that you do not administer. Ask support."))
    return row, contact


def show_manager(row: Organization, contact: Contact, form: ManagerForm, status: int = 200) -> Response:
    return page("organization/manager.html", status, form=form, **manager_facts(row, contact))
