"""Previews of promises: under another severity, and on the form."""

import copy
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.cases.models import Case
from portal.cases.queries.interface import SeverityFloor, effective_severity
from portal.kernel.context import Context
from portal.kernel.system_context import as_system
from portal.sla import clock_store
from portal.sla.engine.clocks import ClockEvent
from portal.sla.engine.policy import ClockKind, Promise, Target
from portal.sla.queries.assignments import EffectiveRules, effective_rules
from portal.sla.rule_versions import RuleVersions
from portal.tenants.models import Account, Environment


def preview_severities(
    ctx: Context, case: Case, ranks: Sequence[int]
) -> dict[int, Mapping[str, dt.datetime | None]] | None:
    """When each running promise of *case* would be due with each of *ranks*, computed by the engine with the time that
    has passed already (None: it is paused); None without clocks."""
    with as_system(ctx) as inner:
        case_clocks = clock_store.load_case_clocks(inner, [case.id]).get(case.id)
        if case_clocks is None or case_clocks.fold_state.policy is None:
            return None
        rules = RuleVersions(inner)
        found: dict[int, Mapping[str, dt.datetime | None]] = {}
        for rank in ranks:
            trial = copy.deepcopy(case_clocks)
            facts = {"severity": [case_clocks.fold_state.severity, rank]}
            if rank != case_clocks.fold_state.severity:
                trial.apply(ClockEvent("case.severity_changed", ctx.now, ctx.now, facts=facts), rules)
            found[rank] = {
                kind.value: clock.due_at for kind, clock in trial.fold_state.clocks.items() if clock.stopped_at is None
            }
    return found


@dataclass(frozen=True, slots=True)
class PromisedTimes:
    """What one severity is promised from one moment on: times in UTC, None where nothing is promised.

    `next_update` is an interval, not a time: it begins with the first answer. `aim` is the intention of support.
    """

    severity: int
    first_response: dt.datetime | None = None
    next_update: Target | None = None
    aim: dt.datetime | None = None
    resolution: dt.datetime | None = None
    # The chosen severity, if another one will apply (test environment, floor).
    asked: int = 0
    reason: str = ""

    @property
    def anything(self) -> bool:
        """Whether there is any promise."""
        return any((self.first_response, self.next_update, self.resolution))

    def data(self) -> dict[str, Any]:
        """The data that is stored with the case."""
        return {
            "first_response": self.first_response.isoformat() if self.first_response else None,
            "next_update": self.next_update.written() if self.next_update else None,
            "aim": self.aim.isoformat() if self.aim else None,
            "resolution": self.resolution.isoformat() if self.resolution else None,
        }


@dataclass(frozen=True, slots=True)
class PromisePreview:
    """The promise of a form: the rules (`effective.agreed` False: "no promise agreed"), times by severity rank, and the
    moment they were computed for (what a form posts back: `CaseForm.shown_at`)."""

    effective: EffectiveRules
    at: dt.datetime
    times: dict[int, PromisedTimes]


def compute_times(rules: RuleVersions, effective: EffectiveRules, severity: int, at: dt.datetime) -> PromisedTimes:
    """The promise for *severity* under *effective* from *at* on."""
    if effective.policy_version is None or effective.calendar_version is None:
        return PromisedTimes(severity)
    promise: Promise = rules.policy(effective.policy_version).promise(severity)
    calendar = rules.calendar(effective.calendar_version)

    def due(target: Target | None) -> dt.datetime | None:
        return target.due(calendar, at) if target is not None else None

    return PromisedTimes(
        severity,
        due(promise.first_response),
        promise.target(ClockKind.NEXT_UPDATE),
        due(promise.aim),
        due(promise.resolution),
    )


def preview_promises(
    ctx: Context,
    account: Account,
    environment: Environment | None,
    ranks: list[int],
    *,
    floor: SeverityFloor | None = None,
) -> PromisePreview:
    """The concrete times that each of *ranks* would be promised in *account* now, as the engine will count them.

    An Emergency on a test or development environment shows the times of the level it will be lowered to; *floor* is
    the least severe rank that was agreed for the contact or the account. The account must come from the actor's scope.
    """
    with as_system(ctx) as inner:
        effective = effective_rules(inner, account.organization_id, account.id)
        rules = RuleVersions(inner)
        times = {}
        for rank in ranks:
            became = effective_severity(rank, environment.kind if environment else None, floor)
            one = compute_times(rules, effective, became.effective, ctx.now)
            if became.effective != rank:
                one = PromisedTimes(
                    became.effective,
                    one.first_response,
                    one.next_update,
                    one.aim,
                    one.resolution,
                    rank,
                    became.reason,
                )
            times[rank] = one
    return PromisePreview(effective, ctx.now, times)
