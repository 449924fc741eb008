"""Numbers that are counted when Prometheus asks (/metrics): summed over providers, without anything of a tenant."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from portal.kernel import outbox
from portal.kernel.bounded_counts import Counts, bounded_count
from portal.kernel.context import Context

# Nothing is counted further, so that a scrape costs the same on a bad day.
MOST = 10_000


@dataclass(frozen=True, slots=True)
class ProviderGauge:
    """A gauge with the label `state`. *count* returns the number of each of *states* at one provider."""

    description: str
    states: tuple[str, ...]
    count: Callable[[Context], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class DueWorkCount:
    """Due work of one kind: how many pieces, counted to MOST over all kinds, and the age of the oldest in seconds."""

    pieces: int
    oldest_seconds: float


def count_due_work(ctx: Context) -> dict[str, DueWorkCount]:
    """The work of all providers that is due and not done, by kind; reads the exempt table only."""
    row = outbox.DueWork
    due = select(row.kind, row.due_at).where(row.due_at <= ctx.now).order_by(row.due_at).limit(MOST).subquery()
    by_kind = select(due.c.kind, func.count(), func.min(due.c.due_at)).group_by(due.c.kind)
    return {
        kind: DueWorkCount(pieces, (ctx.now - oldest) / dt.timedelta(seconds=1))
        for kind, pieces, oldest in ctx.session.execute(by_kind)
    }


def fetch_states(ctx: Context, counts: Counts) -> dict[str, int]:
    """The *counts* by name, read in one statement."""
    return dict(ctx.session.execute(select(*(part.label(name) for name, part in counts.items()))).one()._mapping)


def _count_deliveries(ctx: Context) -> dict[str, int]:
    own = select(outbox.Delivery.id).where(outbox.Delivery.provider_id == ctx.provider_id)
    return fetch_states(ctx, {state: bounded_count(own.where(outbox.is_in_state(state)), MOST) for state in STATES})


STATES = ("pending", "dead")
# By the name of the gauge.
KERNEL_GAUGES: Mapping[str, ProviderGauge] = {
    "parley_outbox_deliveries": ProviderGauge(
        "Deliveries of events that wait or were given up.", STATES, _count_deliveries
    )
}
