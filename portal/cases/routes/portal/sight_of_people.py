"""/org/<slug>/access: who of the organization can see what, and why; for one person with the cases."""

import uuid
from typing import Any

from portal.authz.access import can, require
from portal.authz.permissions import Permission
from portal.cases import labels
from portal.cases.pages.sight_of_people import person_sight
from portal.cases.queries import sight_of_people as queries
from portal.cases.queries.interface import status_label
from portal.cases.routes.blueprints import cases
from portal.tenants.models import Organization
from portal.tenants.queries import contacts as contact_queries
from portal.tenants.queries import organizations as organization_queries
from portal.web.current import ctx
from portal.web.guards import on_portal
from portal.web.htmx import page
from portal.web.urls import list_page, search_words


def load_organization(slug: str) -> Organization:
    """The organization of the person, who looks after its people."""
    row = organization_queries.organization(ctx(), slug)
    require(ctx().actor, Permission.ORGANIZATION_PEOPLE, row)
    return row


@cases.get("/org/<slug>/access")
@on_portal
def access_of_people(slug: str) -> Any:
    """The people of the organization, and what each of them sees."""
    context, row, q = ctx(), load_organization(slug), search_words()
    found = contact_queries.contacts_page(context, row, q=q, number=list_page())
    people = queries.actors_of_contacts(context, found.rows)
    return page(
        "cases/people_access.html",
        row=row,
        tab="/access",
        found=found,
        q=q,
        people=[person_sight(contact, people[contact.user_id], row) for contact in found.rows],
    )


@cases.get("/org/<slug>/access/<uuid:contact_id>")
@on_portal
def access_of_person(slug: str, contact_id: uuid.UUID) -> Any:
    """What one person sees and why, with those of the cases that the reader sees too."""
    context, row = ctx(), load_organization(slug)
    contact = contact_queries.contact(context, row, contact_id)
    person = queries.actors_of_contacts(context, [contact])[contact.user_id]
    found = queries.cases_seen_by(context, person, row.id, list_page())
    return page(
        "cases/person_access.html",
        row=row,
        contact=contact,
        sight=person_sight(contact, person, row),
        found=found,
        statuses={one.case.id: status_label(context, one.case, "contact") for one in found.rows},
        shares={one.case.id for one in found.rows if can(context.actor, Permission.CASE_SHARE, one.case)},
        labels=labels,
    )
