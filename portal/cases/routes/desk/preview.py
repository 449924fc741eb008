"""A glance at a case from a queue: what it is about, and the last that was said."""

from typing import Any

from portal.authz.permissions import Permission
from portal.cases import labels
from portal.cases.pages.desk_case import available_verbs
from portal.cases.panels import report_view
from portal.cases.queries import by_key, severity_levels
from portal.cases.queries.conversation import Conversation, conversation
from portal.cases.queries.tags import tags_of_case
from portal.cases.routes.blueprints import desk
from portal.cases.timeline import entries
from portal.web.current import ctx
from portal.web.guards import requires
from portal.web.htmx import page_or_fragment

# The messages that a glance shows.
LAST = 3


@desk.get("/cases/<key:key>/preview")
@requires(Permission.CASE_READ)
def preview(key: str) -> Any:
    """A page of its own, or its fragment beside the queue (`static/js/preview.js`).

    It counts as a look into the case (`panels.report_view`), and tells no colleague that somebody has the case open.
    """
    context = ctx()
    case = by_key(context, key)
    whole = conversation(context, case)
    last = Conversation(whole.messages[-LAST:], whole.has_older or len(whole.messages) > LAST, whole.opening_files)
    answer = page_or_fragment(
        "desk/preview.html",
        "desk/_preview.html",
        case=case,
        base=f"/desk/cases/{case.key}",
        labels=labels,
        verbs=available_verbs(context, case),
        levels={level.rank: level.name for level in severity_levels(context)},
        tags=tags_of_case(context, case.id),
        older=last.has_older,
        timeline=entries(case, last, [], {}, staff_side=True),
    )
    report_view(context, case)
    return answer
