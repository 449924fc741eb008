"""/org/<slug>/approvals: which cases need a yes, for the administrators of the client."""

from typing import Any

from portal.approvals.pages.rules import own_people, rule_lines
from portal.approvals.queries import rules as queries
from portal.approvals.routes.blueprint import approvals
from portal.kernel.errors import Forbidden
from portal.tenants.queries import organizations as organization_queries
from portal.web.current import ctx
from portal.web.guards import on_portal
from portal.web.htmx import page


@approvals.get("/org/<slug>/approvals")
@on_portal
def of_organization(slug: str) -> Any:
    """The rules that concern the client; of the people whom they name only its own."""
    context = ctx()
    row = organization_queries.organization(context, slug)
    if not any(one.role == "organization_admin" and one.organization_id == row.id for one in context.actor.access):
        raise Forbidden(who_may=["organization_admin"])
    found = queries.rules_of_organization(context, row.id)
    lines = rule_lines(context, found, own_people(context, row.id, found))
    return page("approvals/organization.html", row=row, tab="/approvals", lines=lines)
