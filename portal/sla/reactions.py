"""What case events do to clocks, in the same transaction: the cached rows always equal the replay of the events."""

import datetime as dt
from typing import Any

from portal.cases.actions.opening import SHOWN_AT
from portal.cases.models import Case
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.sla import clock_rows, clock_store
from portal.sla.actions.clocks import renew
from portal.sla.clock_rows import Place
from portal.sla.clock_store import Kept
from portal.sla.engine.clocks import HEARD, Standing
from portal.sla.house import house
from portal.sla.models import PromiseShown
from portal.sla.queries import previews
from portal.sla.queries.assignments import Effective, effective
from portal.sla.rule_versions import Books

FOLLOWED = sorted(HEARD - {"case.submitted", "sla.policy_applied"})


def start(ctx: Context, event: Event) -> None:
    """Reaction to case.submitted: the rules that hold now apply to the case, its clocks start, and the promise that
    its opener was shown is kept (a customer who is shown no times was promised none on the form). Records
    `sla.policy_applied` where something was agreed."""
    case = ctx.session.get(Case, event.case_id)
    if case is None:
        return
    with house(ctx) as inner:
        holds = effective(inner, case.organization_id, case.account_id)
        kept = Kept(Place.of(case), Standing())
        books = Books(inner)
        kept.apply(clock_rows.happening(event, case.severity), books)
        renew(inner, kept, holds, books)
        clock_store.write(inner, [kept])
        if ctx.provider.promises_shown == "dates" or not ctx.actor.is_contact:
            keep_promise(inner, case, holds, shown_at(ctx, event.recorded_at))


def shown_at(ctx: Context, now: dt.datetime) -> dt.datetime:
    """When the opener read the promise: as the form says, within a day; else the moment of opening."""
    said: Any = ctx.notes.get(SHOWN_AT)
    if isinstance(said, dt.datetime) and now - dt.timedelta(days=1) <= said <= now:
        return said
    return now


def keep_promise(ctx: Context, case: Case, holds: Effective, at: dt.datetime) -> None:
    """Store what was promised for *case* at the moment *at*; nothing agreed is stored as that."""
    ctx.session.add(
        PromiseShown(
            **Place.of(case).columns(),
            severity=case.severity,
            shown_at=at,
            policy_version_id=holds.policy_version,
            calendar_version_id=holds.calendar_version if holds.agreed else None,
            content=previews.reckoned(Books(ctx), holds, case.severity, at).data() if holds.agreed else {},
        )
    )
    ctx.session.flush()


def follow(ctx: Context, event: Event) -> None:
    """Reaction to every other event that clocks hear: folds it into the case's standing."""
    if event.case_id is None or (event.name == "case.edited" and "severity" not in event.facts):
        return
    with house(ctx) as inner:
        kept = standing_of(inner, event)
        if kept is None:
            return
        books = Books(inner)
        was = kept.standing.state
        kept.apply(clock_rows.happening(event), books)
        if was in ("resolved", "closed") and kept.standing.state not in ("resolved", "closed"):
            # Nobody recomputed it while it was over: it takes up the rules of today.
            renew(inner, kept, effective(inner, kept.place.organization_id, kept.place.account_id), books)
        clock_store.write(inner, [kept])


def standing_of(ctx: Context, event: Event) -> Kept | None:
    """Where the case stood before *event*; a case from before there were clocks is folded from its events."""
    assert event.case_id is not None
    found = clock_store.read(ctx, [event.case_id]).get(event.case_id)
    if found is not None:
        return found
    case = ctx.session.get(Case, event.case_id)
    if case is None:
        return None
    kept = Kept(Place.of(case), Standing())
    books = Books(ctx)
    for happening in clock_rows.history(ctx, [case.id], before=event.id)[case.id]:
        kept.apply(happening, books)
    return kept
