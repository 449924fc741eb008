"""/org/<slug>/people/<id>/details: an organization's administrator corrects who a colleague is."""

import uuid

from flask import Response, flash, url_for
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.identity.actions import AddressFate
from portal.identity.labels import correction_sentence
from portal.identity.person_forms import filled_form, person_version, sent_form
from portal.identity.queries import primary_email
from portal.kernel.errors import Forbidden
from portal.tenants.actions import person_details as actions
from portal.tenants.models import Contact, Organization
from portal.tenants.queries import contacts as contact_queries
from portal.tenants.routes.blueprint import load_organization, organization
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import on_portal, proved_recently
from portal.web.htmx import page, see
from portal.web.person_form import PersonForm

MAY = Permission.ORGANIZATION_PEOPLE


@organization.get("/people/<uuid:contact_id>/details")
@on_portal
def person_details(slug: str, contact_id: uuid.UUID) -> Response:
    row = load_organization(slug, MAY)
    contact = contact_queries.contact(ctx(), row, contact_id)
    if not actions.may_correct(ctx(), contact):
        raise Forbidden(_("These details are not yours to correct. Ask the person or support."))
    return show_details(row, contact, filled_form(ctx(), contact.user))


@organization.post("/people/<uuid:contact_id>/details")
@on_portal
@proved_recently
def correct_person(slug: str, contact_id: uuid.UUID) -> Response:
    row = load_organization(slug, MAY)
    contact, form = contact_queries.contact(ctx(), row, contact_id, lock=True), sent_form(ctx())
    fates: list[AddressFate] = []
    status = submit_form(
        form,
        lambda: fates.append(
            actions.correct_contact(
                ctx(),
                contact,
                name=form.name.data,
                email=form.email.data,
                phone=form.phone.data or "",
                zone=form.zone.data or "",
            )
        ),
        current=person_version(ctx(), contact.user),
    )
    if status:
        return show_details(row, contact, form, status)
    flash(correction_sentence(fates[0], form.email.data), "success")
    return see(url_for("organization.person", slug=slug, contact_id=contact_id))


def show_details(row: Organization, contact: Contact, form: PersonForm, status: int = 200) -> Response:
    email = primary_email(ctx(), contact.user_id)
    return page("organization/person_details.html", status, row=row, contact=contact, form=form, email=email)
