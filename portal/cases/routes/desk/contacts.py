"""Contacts as the desk reads them."""

import uuid
from typing import Any

from portal.authz.permissions import Permission
from portal.cases.pages.desk_case import clock_label
from portal.cases.queries.clients import cases_of_person, contact, email_and_open_count
from portal.cases.routes.blueprints import desk
from portal.identity.queries import addresses
from portal.web.current import ctx
from portal.web.guards import requires
from portal.web.htmx import page
from portal.web.urls import number_parameter


@desk.get("/contacts/<uuid:contact_id>")
@requires(Permission.CASE_READ)
def person(contact_id: uuid.UUID) -> Any:
    """One contact: addresses, access, cases."""
    context = ctx()
    found = contact(context, contact_id)
    reached = [row for row in found.access if context.actor.all_accounts or row.account_id in context.actor.account_ids]
    return page(
        "desk/person.html",
        contact=found,
        user=found.user,
        addresses=addresses(context, found.user_id),
        access=reached,
        clock=clock_label(found.user.zone or context.provider.zone, context.now),
        open=email_and_open_count(context, found.user_id)[1],
        result=cases_of_person(context, found.user_id, number_parameter("page", 1)),
    )
