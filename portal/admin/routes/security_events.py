"""/admin/security: failed sign-ins, refused requests, and changes of what people may see."""

import datetime as dt

from flask import Response

from portal.admin import security_labels as labels
from portal.admin.queries import security_events as queries
from portal.admin.routes.blueprint import admin, page_number, search_words
from portal.authz.permissions import Permission
from portal.kernel import retention
from portal.web.current import ctx
from portal.web.guards import requires
from portal.web.htmx import page
from portal.web.urls import number_parameter, text_parameter

# The times that the page offers, in days.
SPANS = (1, 7, 30)


@admin.get("/security")
@requires(Permission.SECURITY_SEE)
def security() -> Response:
    """Security events, newest first, by group, time and person or place."""
    q, group, days = search_words(), text_parameter("group", 20), number_parameter("days", 0, highest=365)
    group, days = group if group in queries.GROUPS else "", days if days in SPANS else 0
    since = ctx().now - dt.timedelta(days=days) if days else None
    found = queries.security_event_page(ctx(), group=group, q=q, since=since, number=page_number())
    return page(
        "admin/security.html",
        found=found,
        q=q,
        group=group,
        days=str(days or ""),
        groups=[(name, labels.group_label(name)) for name in queries.GROUPS],
        spans=[(str(span), labels.span_label(span)) for span in SPANS],
        kind_label=labels.kind_label,
        detail=labels.detail_sentence,
        is_try=labels.is_try,
        kept_days=retention.days_of("security_events"),
    )
