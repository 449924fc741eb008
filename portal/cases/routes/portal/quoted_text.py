"""/cases/<key>/quoted: what was folded of a mail of a case."""

from typing import Any

from portal.cases.queries import by_key, conversation
from portal.cases.routes.blueprints import cases
from portal.web.current import ctx
from portal.web.guards import on_portal
from portal.web.htmx import page
from portal.web.urls import id_parameter


@cases.get("/cases/<key:key>/quoted")
@on_portal
def quoted_text(key: str) -> Any:
    """The quoted text and the signature of the message `?message=`, or of the mail that opened the case."""
    case = by_key(ctx(), key)
    quoted = conversation.quoted_text(ctx(), case, id_parameter("message"))
    return page("cases/quoted.html", case=case, base=f"/cases/{case.key}", quoted=quoted, on_desk=False)
