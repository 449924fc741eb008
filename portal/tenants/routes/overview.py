"""/org/<slug>: accounts, environments and counts of the organization."""

from flask import Response

from portal.authz.permissions import Permission
from portal.tenants.queries import accounts as account_queries
from portal.tenants.queries import contacts as contact_queries
from portal.tenants.queries import environments as environment_queries
from portal.tenants.queries import organizations as organization_queries
from portal.tenants.queries.factor_rules import organization_rule_ends
from portal.tenants.routes.blueprint import load_organization, organization
from portal.web.current import ctx
from portal.web.guards import on_portal
from portal.web.htmx import page


@organization.get("")
@on_portal
def overview(slug: str) -> Response:
    row = load_organization(slug, Permission.ORGANIZATION_PEOPLE)
    accounts = account_queries.accounts_of(ctx(), row)
    return page(
        "organization/overview.html",
        row=row,
        factor_until=organization_rule_ends(row),
        accounts=accounts,
        counts=organization_queries.organization_counts(ctx(), [row.id])[row.id],
        pending=contact_queries.pending_count(ctx(), row),
        environments=[e for e in environment_queries.environments_of(ctx(), [a.id for a in accounts]) if e.active],
    )
