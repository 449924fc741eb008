"""How many promises of a provider run, are late or paused: for the operator, all clients together."""

from portal.authz.scopes import scope
from portal.kernel.bounded_counts import bounded_count
from portal.kernel.context import Context
from portal.kernel.gauges import MOST, fetch_states
from portal.sla.models import SlaClock

PROMISE_STATES = ("running", "late", "paused")


def count_promises(ctx: Context) -> dict[str, int]:
    """The clocks of the provider that have not stopped, by PROMISE_STATES, each state counted to MOST.

    A paused clock has no due time while time is left; one that paused too late is late.
    """
    going = scope(ctx.actor, SlaClock).where(SlaClock.stopped_at.is_(None))
    parts = {
        "running": bounded_count(going.where(SlaClock.due_at > ctx.now), MOST),
        "late": bounded_count(going.where(SlaClock.due_at <= ctx.now), MOST),
        "paused": bounded_count(going.where(SlaClock.due_at.is_(None)), MOST),
    }
    return fetch_states(ctx, parts)
