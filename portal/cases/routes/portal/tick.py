"""What an open case page of the portal asks for every few seconds."""

from typing import Any

from portal.cases.pages.live import answer_tick
from portal.cases.routes.blueprints import cases
from portal.web.current import ctx
from portal.web.guards import on_portal


@cases.get("/tick")
@on_portal
def tick() -> Any:
    """The counts of the header, and the new messages of the open case."""
    return answer_tick(ctx(), queues=False)
