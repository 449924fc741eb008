"""Northwind's desk as these tests need it: the real actions, the clocks of a case, and the past."""

import datetime as dt

from portal.kernel import clock
from portal.sla import clock_rows, clock_store
from portal.sla.clock_rows import CaseLocation
from portal.sla.models import CaseSlaState, SlaClock

# Tuesday 17 November 2026, 10:00 in Warsaw: a working day without a holiday near it.
TUESDAY = dt.datetime(2026, 11, 17, 9, 0, tzinfo=dt.UTC)


def travel_to(moment: dt.datetime) -> None:
    """Move the clock of this process to *moment*; `travel` and the test's end work from there."""
    clock.travel(dt.timedelta(0))
    clock.travel(moment - clock.now())


def rows_of(world, case) -> dict[tuple[str, int], SlaClock]:
    """The cached clocks of *case*."""
    world.session.expire_all()
    return {(row.kind, row.number): row for row in world.rows(SlaClock, SlaClock.case_id == case.id)}


def sla_state_of(world, case) -> CaseSlaState:
    world.session.expire_all()
    return world.rows(CaseSlaState, CaseSlaState.case_id == case.id)[0]


VALUES = (
    *("kind", "number", "state", "started_at", "stopped_at", "due_at", "aim_at", "outcome", "target_version"),
    *("terms", "segments"),
)


def cached_rows(world, case) -> list[dict]:
    """What the rows say."""
    rows = rows_of(world, case)
    return [{name: getattr(rows[key], name) for name in VALUES} for key in sorted(rows)]


def replayed_rows(world, case) -> list[dict]:
    """What the events say, as rows would."""
    case_clocks = clock_store.replay_cases(world.system(), [CaseLocation.of(case)])[case.id]
    written = {
        (c.kind.value, c.number): clock_rows.clock_row(case_clocks.location, c, case_clocks.fold_state.severity)
        for c in case_clocks.changed.values()
    }
    return [{name: written[key][name] for name in VALUES} for key in sorted(written)]
