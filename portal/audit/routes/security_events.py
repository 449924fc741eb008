"""/admin/security: sign-ins, refused requests, and changes of what people may see."""

from flask import Response

from portal.audit.pages import events_file, events_page
from portal.audit.queries.security_events import GROUPS
from portal.audit.routes.blueprint import audit
from portal.authz.permissions import Permission
from portal.web.guards import requires


@audit.get("/security")
@requires(Permission.SECURITY_SEE)
def security() -> Response:
    """Security events, newest first."""
    return events_page("audit/security_events.html", GROUPS)


@audit.get("/security/export")
@requires(Permission.SECURITY_SEE)
def export_security() -> Response:
    """The events that the page shows, as CSV."""
    return events_file("security-events.csv")
