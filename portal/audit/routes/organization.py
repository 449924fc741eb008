"""/org/<slug>/audit: who at the provider looked into private cases, and how people of the organization signed in and
got their access."""

from collections.abc import Iterator, Sequence

from flask import Response

from portal.audit import labels
from portal.audit.models import StaffAccess
from portal.audit.pages import asked_span, events_file, events_page, span_choices, utc
from portal.audit.queries import staff_access
from portal.audit.routes.blueprint import organization_audit
from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.kernel import retention
from portal.tenants.models import Organization
from portal.tenants.queries import organizations as organization_queries
from portal.web.csv_files import csv_response
from portal.web.current import ctx
from portal.web.guards import on_portal
from portal.web.htmx import page
from portal.web.urls import list_page, search_words

# The groups of security events that can concern one organization.
GROUPS = ("sign-ins", "access", "passwords")


def load_organization(slug: str) -> Organization:
    """The organization *slug*, for who looks after its people. Raises NotFound or Forbidden."""
    row = organization_queries.organization(ctx(), slug)
    require(ctx().actor, Permission.ORGANIZATION_PEOPLE, row)
    return row


@organization_audit.get("/audit")
@on_portal
def journal(slug: str) -> Response:
    """Who of the staff opened private cases of the organization, downloaded their files, or looked as the customer."""
    row = load_organization(slug)
    q, span = search_words(), asked_span()
    return page(
        "audit/staff_access.html",
        row=row,
        found=staff_access.staff_access_page(ctx(), row, q=q, since=span.since, number=list_page()),
        q=q,
        days=str(span.days or ""),
        spans=span_choices(),
        kind_label=labels.access_label,
        reason=labels.reason_sentence,
        kept_days=retention.days_of("staff_access"),
    )


@organization_audit.get("/audit/export")
@on_portal
def export_journal(slug: str) -> Response:
    """What the page shows, as CSV."""
    row = load_organization(slug)
    found = staff_access.exported_staff_access(ctx(), row, q=search_words(), since=asked_span().since)
    head = ("case", "who", "what", "why", "times", "first", "last")
    return csv_response("access-by-support.csv", head, found, _journal_lines(found.rows))


def _journal_lines(found: Sequence[StaffAccess]) -> Iterator[list[str]]:
    for access in found:
        yield [
            *(access.case.key, access.user.name, labels.access_label(access), labels.reason_sentence(access)),
            *(str(access.count), utc(access.first_at), utc(access.last_at)),
        ]


@organization_audit.get("/audit/sign-ins")
@on_portal
def sign_ins(slug: str) -> Response:
    """Sign-ins of people who belong to this organization alone, and changes of access to it."""
    row = load_organization(slug)
    return events_page("audit/organization_events.html", GROUPS, row, row=row)


@organization_audit.get("/audit/sign-ins/export")
@on_portal
def export_sign_ins(slug: str) -> Response:
    """What the page shows, as CSV."""
    return events_file("sign-ins.csv", load_organization(slug))
