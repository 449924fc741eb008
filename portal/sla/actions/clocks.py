"""Let the clocks of cases follow the rules that hold now, or fold them anew from their events."""

from collections.abc import Sequence

from portal.kernel.context import Context
from portal.kernel.events import record
from portal.sla import clock_rows, clock_store
from portal.sla.clock_rows import Place
from portal.sla.clock_store import Kept
from portal.sla.queries.assignments import Effective, effective_for
from portal.sla.rule_versions import Books


def take_up(ctx: Context, places: Sequence[Place]) -> int:
    """Let these cases (locked by the caller) follow the rules that hold now; returns how many changed.

    For each that changes, `sla.policy_applied` is recorded and folded in; a case that has no clocks yet gets them
    from its events first.
    """
    if not places:
        return 0
    books = Books(ctx)
    kept = clock_store.read(ctx, [place.case_id for place in places])
    fresh = clock_store.replayed(ctx, [place for place in places if place.case_id not in kept])
    holds = effective_for(ctx, {(place.organization_id, place.account_id) for place in places})
    standings = [one.standing for one in (*kept.values(), *fresh.values())]
    books.fetch(
        {s.policy for s in standings} | {h.policy_version for h in holds.values()},
        {s.calendar for s in standings} | {h.calendar_version for h in holds.values()},
    )
    changed = []
    for place in places:
        one = kept.get(place.case_id) or fresh[place.case_id]
        if renew(ctx, one, holds[place.organization_id, place.account_id], books):
            changed.append(one)
    clock_store.write(ctx, [one for one in changed if one.place.case_id in kept])
    clock_store.write(ctx, list(fresh.values()), anew=True)
    return len(changed)


def renew(ctx: Context, kept: Kept, holds: Effective, books: Books) -> bool:
    """Apply *holds* to one case if it is counted by other versions; says whether it was."""
    current = (holds.policy_version, holds.calendar_version if holds.agreed else None)
    if current == (kept.standing.policy, kept.standing.calendar):
        return False
    event = record(
        ctx,
        "sla.policy_applied",
        _Row(kept.place),
        case=_Row(kept.place),
        policy=str(holds.policy_version) if holds.policy_version else None,
        calendar=str(current[1]) if current[1] else None,
        source=holds.policy_source,
    )
    kept.apply(clock_rows.happening(event), books)
    return True


class _Row:
    """A case as `record` needs to know it: its place."""

    def __init__(self, place: Place) -> None:
        self.id, self.organization_id, self.account_id = place.case_id, place.organization_id, place.account_id


def rebuild(ctx: Context, places: Sequence[Place]) -> None:
    """Make the cached clocks of these cases anew from their events alone; ids, reasons and the ledger stay."""
    if places:
        clock_store.write(ctx, list(clock_store.replayed(ctx, places).values()), anew=True)
