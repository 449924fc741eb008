"""The change log of a case for staff."""

from typing import Any

from flask import request

from portal.authz.permissions import Permission
from portal.cases import history
from portal.cases.queries import by_key
from portal.cases.queries.history import change_events as change_log
from portal.cases.queries.history import edited_value_names
from portal.cases.queries.names import names_in
from portal.cases.routes.blueprints import desk
from portal.kernel import ids
from portal.web.current import ctx
from portal.web.guards import requires
from portal.web.htmx import page


@desk.get("/cases/<key:key>/history")
@requires(Permission.CASE_READ)
def full_history(key: str) -> Any:
    """Every change: who, when, through which channel, old and new value."""
    context = ctx()
    case = by_key(context, key)
    events, older = change_log(context, case, ids.parse_id(request.args.get("before")))
    names = names_in(context, events) | edited_value_names(context, events)
    return page(
        "desk/history.html",
        case=case,
        changes=history.changes(events, names),
        base=f"/desk/cases/{case.key}",
        older=str(events[-1].id) if older else "",
        newest="before" not in request.args,
    )
