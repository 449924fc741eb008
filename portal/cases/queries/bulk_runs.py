"""What one press changed in many cases."""

import datetime as dt
from collections.abc import Sequence

from portal.authz.scopes import scope
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.kernel.ids import lowest_id_within

# How long it can be taken back.
LASTS = dt.timedelta(minutes=10)
# What can be taken back: it reached nobody outside. A closing did.
UNDOABLE = ("case.assigned", "case.taken", "case.routed", "case.tagged", "case.untagged")
# A press changes at most 100 cases (`actions.bulk.BULK_LIMIT`), each by two events.
MOST_EVENTS = 200


def events_of_run(ctx: Context, run: str) -> dict[Id, Sequence[Event]]:
    """The events of the actor's own press with the request id *run*, within the last ten minutes, by the id of their
    case and in their order. One statement; only cases that the actor still sees."""
    rows = scope(ctx.actor, Event).where(
        Event.provider_id == ctx.provider_id,
        Event.id >= lowest_id_within(LASTS),
        Event.recorded_at > ctx.now - LASTS,
        Event.request_id == run,
        Event.actor_user_id == ctx.actor.user_id,
        Event.name.in_(UNDOABLE),
        Event.case_id.is_not(None),
    )
    found: dict[Id, list[Event]] = {}
    for event in ctx.session.scalars(rows.order_by(Event.id).limit(MOST_EVENTS)):
        found.setdefault(event.case_id, []).append(event)  # type: ignore[arg-type]
    return dict(found)
