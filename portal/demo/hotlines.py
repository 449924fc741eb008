"""The hotlines of the demo, added by the action that administrators use."""

from collections.abc import Sequence

from portal.calls.actions.hotlines import HotlineFacts, add_hotline
from portal.demo.specs import HotlineSpec
from portal.kernel.context import Context
from portal.sla.queries.calendars import calendars


def add_hotlines(ctx: Context, specs: Sequence[HotlineSpec]) -> None:
    """Add all *specs*; *ctx* is the system's."""
    by_name = {row.name: row.id for row in calendars(ctx)} if specs else {}
    for position, spec in enumerate(specs, start=1):
        facts = HotlineFacts(
            spec.name, spec.number, by_name[spec.calendar], urgent_rank=spec.urgent_rank, position=position
        )
        add_hotline(ctx, facts)
