"""The moments from which time rules count, and when such a rule would have become due. Pure.

A moment is always the time of something a person did (or of a hold that ended): no effect of a rule makes one, so a
time rule runs once for each of them and never again.
"""

import datetime as dt
from collections.abc import Iterable, Sequence

# By status: the events with which a case enters it, and those with which it leaves it. A status that is entered in
# many ways (open) is not among them: "since the last message" says the same more exactly.
ENTERS = {
    "new": ("case.submitted",),
    "in_progress": ("case.started", "case.woken"),
    "waiting": ("case.asked",),
    "on_hold": ("case.held",),
}
_ENDS = ("case.resolved", "case.closed", "case.merged", "case.moved")
LEAVES = {
    "new": ("case.taken", "case.routed", "case.assigned", "case.answered", "case.started", "case.asked", "case.held"),
    "in_progress": ("case.asked", "case.held"),
    "waiting": ("case.replied", "case.started", "case.held"),
    "on_hold": ("case.replied", "case.started", "case.woken", "case.asked"),
}
STATUSES = tuple(ENTERS)


def stays(status: str, events: Iterable[tuple[str, dt.datetime]]) -> list[tuple[dt.datetime, dt.datetime | None]]:
    """(from, until) of each stay in *status*, from *events* (name, time) in their order; until None: it goes on."""
    found: list[tuple[dt.datetime, dt.datetime | None]] = []
    since: dt.datetime | None = None
    for name, at in events:
        if since is not None and (name in LEAVES[status] or name in _ENDS):
            found.append((since, at))
            since = None
        if name in ENTERS[status]:
            since = at
    if since is not None:
        found.append((since, None))
    return found


def silences(moments: Sequence[dt.datetime], end: dt.datetime | None) -> list[tuple[dt.datetime, dt.datetime | None]]:
    """(from, until) between each of *moments*, in their order, and the next one or the *end* of the case."""
    until = [*moments[1:], end]
    return list(zip(moments, until, strict=True))


def first_due(
    spans: Iterable[tuple[dt.datetime, dt.datetime | None]], hours: int, since: dt.datetime, now: dt.datetime
) -> dt.datetime | None:
    """When a rule of so many *hours* became due first between *since* and *now* within *spans*; None: never."""
    wait = dt.timedelta(hours=hours)
    for start, until in spans:
        due = start + wait
        if since <= due <= now and (until is None or due < until):
            return due
    return None
