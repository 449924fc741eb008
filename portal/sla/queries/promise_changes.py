"""The effect of one event on the promises of a case: due times before and after it, by the engine."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from portal.authz.scopes import scope
from portal.cases.models import Case, CaseLocation
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.sla import clock_rows
from portal.sla.clock_store import CaseClocks
from portal.sla.engine.clocks import FoldState
from portal.sla.rule_versions import RuleVersions


@dataclass(frozen=True, slots=True)
class ChangedPromise:
    """One promise that an event moved. A time is None where the promise does not run: it is paused, or was not made."""

    kind: str
    before: dt.datetime | None
    after: dt.datetime | None


def changed_promises(ctx: Context, event: Event) -> Sequence[ChangedPromise]:
    """The open promises of the event's case that *event* moved. Empty where customers are shown no times."""
    case = ctx.session.scalars(scope(ctx.actor, Case).where(Case.id == event.case_id)).one_or_none()
    if case is None or ctx.provider.promises_shown != "dates":
        return []
    rules = RuleVersions(ctx)
    clocks = CaseClocks(CaseLocation.of(case), FoldState())
    for earlier in clock_rows.clock_history(ctx, [case.id], before=event.id)[case.id]:
        clocks.apply(earlier, rules)
    before = _due_times(clocks)
    clocks.apply(clock_rows.clock_event(event, case.severity), rules)
    after = _due_times(clocks)
    kinds = [kind for kind in after if after[kind] != before.get(kind)]
    return [ChangedPromise(kind, before.get(kind), after[kind]) for kind in kinds]


def _due_times(clocks: CaseClocks) -> dict[str, dt.datetime | None]:
    return {kind.value: one.due_at for kind, one in clocks.fold_state.clocks.items() if one.stopped_at is None}
