"""Correcting the name, address, phone and zone of clients' people and of staff."""

import uuid
from collections.abc import Callable

from flask import Response, flash, url_for

from portal.admin.routes.blueprint import admin, configures, last_changed_by
from portal.identity.actions import AddressFate
from portal.identity.labels import correction_sentence
from portal.identity.models import User
from portal.identity.person_forms import filled_form, person_version, sent_form
from portal.identity.queries import primary_email
from portal.tenants.actions import person_details as actions
from portal.tenants.queries import contacts as contact_queries
from portal.tenants.queries import organizations as organization_queries
from portal.tenants.queries import staff as staff_queries
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import proved_recently
from portal.web.htmx import page, see
from portal.web.person_form import PersonForm

FIELDS = ("name", "email", "phone", "zone")


@admin.get("/organizations/<slug>/people/<uuid:contact_id>/details")
@configures
def contact_details(slug: str, contact_id: uuid.UUID) -> Response:
    row = organization_queries.organization(ctx(), slug)
    person = contact_queries.contact(ctx(), row, contact_id).user
    return show_details(person, filled_form(ctx(), person), url_for(".contact", slug=slug, contact_id=contact_id))


@admin.post("/organizations/<slug>/people/<uuid:contact_id>/details")
@configures
@proved_recently
def correct_contact(slug: str, contact_id: uuid.UUID) -> Response:
    row = organization_queries.organization(ctx(), slug)
    contact = contact_queries.contact(ctx(), row, contact_id, lock=True)
    back = url_for(".contact", slug=slug, contact_id=contact_id)
    return save_details(contact.user, back, lambda facts: actions.correct_contact(ctx(), contact, **facts))


@admin.get("/staff/<uuid:staff_id>/details")
@configures
def staff_details(staff_id: uuid.UUID) -> Response:
    person = staff_queries.staff_member(ctx(), staff_id).user
    return show_details(person, filled_form(ctx(), person), url_for(".staff_member", staff_id=staff_id))


@admin.post("/staff/<uuid:staff_id>/details")
@configures
@proved_recently
def correct_staff(staff_id: uuid.UUID) -> Response:
    member = staff_queries.staff_member(ctx(), staff_id, lock=True)
    back = url_for(".staff_member", staff_id=staff_id)
    return save_details(member.user, back, lambda facts: actions.correct_staff(ctx(), member, **facts))


def save_details(person: User, back: str, correct: Callable[[dict[str, str]], AddressFate]) -> Response:
    """Validate, correct, and go *back*; or show the form again."""
    form, fates = sent_form(ctx()), list[AddressFate]()
    status = submit_form(
        form,
        lambda: fates.append(correct({name: getattr(form, name).data or "" for name in FIELDS})),
        current=person_version(ctx(), person),
        changed_by=last_changed_by(person.id),
    )
    if status:
        return show_details(person, form, back, status)
    flash(correction_sentence(fates[0], form.email.data), "success")
    return see(back)


def show_details(person: User, form: PersonForm, back: str, status: int = 200) -> Response:
    return page(
        "admin/person_details.html",
        status,
        person=person,
        form=form,
        back=back,
        email=primary_email(ctx(), person.id),
    )
