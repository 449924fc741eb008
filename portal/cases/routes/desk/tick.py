"""What open pages of the desk ask for every few seconds."""

from typing import Any

from portal.authz.permissions import Permission
from portal.cases.pages.live import answer_tick
from portal.cases.routes.blueprints import desk
from portal.web.current import ctx
from portal.web.guards import requires


@desk.get("/tick")
@requires(Permission.CASE_READ)
def tick() -> Any:
    """The counts of the rail, the news of the open queue, and the new messages of the open case."""
    return answer_tick(ctx(), queues=True)
