"""The effect of a draft: whom it affects now (preview), and how the past would have been (backtest, N7). Nothing here
changes stored data that people see."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from portal.cases.models import CaseLocation
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.system_context import as_system
from portal.sla import clock_rows, clock_store
from portal.sla.engine import calendar as calendars
from portal.sla.engine import clocks
from portal.sla.engine import policy as policies
from portal.sla.engine.calendar import Calendar
from portal.sla.engine.clocks import Clock, ClockEvent, FoldState
from portal.sla.engine.policy import Policy
from portal.sla.engine.results import PromiseResult, result_of
from portal.sla.models import CalendarVersion, CaseSlaState, PolicyVersion
from portal.sla.queries import assignments
from portal.sla.rule_versions import DraftRuleVersions, RuleVersions
from portal.tenants.models import Account

PREVIEW_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Proposal:
    """A draft: new content for one policy (and perhaps another calendar for it), or for one calendar."""

    policy_id: Id | None = None
    policy: Policy | None = None
    calendar_id: Id | None = None
    calendar: Calendar | None = None

    def about(self) -> dict[str, str]:
        """The policy or calendar that it would change."""
        return {"policy": str(self.policy_id)} if self.policy_id else {"calendar": str(self.calendar_id)}

    def data(self) -> dict[str, Any]:
        """The data that a run stores."""
        return {
            **self.about(),
            "draft": {
                "policy": self.policy.data() if self.policy else None,
                "calendar": self.calendar.data() if self.calendar else None,
                "calendar_id": str(self.calendar_id) if self.calendar_id else None,
            },
        }


def parse_proposal(data: Mapping[str, Any]) -> Proposal:
    """The value of the data that a run stores."""
    draft = data["draft"]
    return Proposal(
        uuid.UUID(data["policy"]) if data.get("policy") else None,
        policies.parse_policy(draft["policy"]) if draft.get("policy") else None,
        uuid.UUID(draft["calendar_id"]) if draft.get("calendar_id") else None,
        calendars.parse_calendar(draft["calendar"]) if draft.get("calendar") else None,
    )


def draft_rules(rules: RuleVersions, proposal: Proposal) -> DraftRuleVersions:
    """The rules with the draft applied."""
    return DraftRuleVersions(
        rules,
        policy=(proposal.policy_id, proposal.policy) if proposal.policy_id and proposal.policy else None,
        calendar=(proposal.calendar_id, proposal.calendar) if proposal.calendar_id and proposal.calendar else None,
    )


@dataclass(frozen=True, slots=True)
class Impact:
    """The impact of a draft: the accounts it applies to, the open cases it would recompute, and of the first
    `looked_at` of them how many would be due earlier, later, or be late at once."""

    accounts: Sequence[Account]
    open_cases: int
    looked_at: int
    earlier: int
    later: int
    late_now: int


def preview_impact(ctx: Context, proposal: Proposal) -> Impact:
    """What saving *proposal* would change now; bounded work, whatever the number of cases."""
    accounts = assignments.accounts_under(
        ctx, policy_id=proposal.policy_id, calendar_id=None if proposal.policy_id else proposal.calendar_id
    )
    with as_system(ctx) as inner:
        rows = cases_counted_by(inner, proposal).where(CaseSlaState.active)
        total = inner.session.scalar(select(func.count()).select_from(rows.subquery())) or 0
        case_clocks = clock_store.load_case_clocks(
            inner, inner.session.scalars(rows.order_by(CaseSlaState.case_id).limit(PREVIEW_LIMIT)).all()
        )
        rules = RuleVersions(inner)
        draft = draft_rules(rules, proposal)
        earlier = later = late = 0
        for one in case_clocks.values():
            before = clock_store.nearest_due(one.fold_state)[0]
            one.apply(_rules_applied_again(one.fold_state, ctx), draft)
            after = clock_store.nearest_due(one.fold_state)[0]
            if before is None or after is None or before == after:
                continue
            earlier, later = earlier + (after < before), later + (after > before)
            late += after <= ctx.now < before
    return Impact(accounts, total, len(case_clocks), earlier, later, late)


def _rules_applied_again(fold_state: FoldState, ctx: Context) -> ClockEvent:
    facts = {
        "policy": str(fold_state.policy) if fold_state.policy else None,
        "calendar": str(fold_state.calendar) if fold_state.calendar else None,
    }
    return ClockEvent("sla.policy_applied", ctx.now, ctx.now, facts=facts)


def cases_counted_by(ctx: Context, proposal: Proposal) -> "Select[Any]":
    """The ids of all cases that use the policy or calendar of *proposal*, read as the system."""
    rows = select(CaseSlaState.case_id).where(CaseSlaState.provider_id == ctx.provider_id)
    if proposal.policy_id is not None:
        versions = select(PolicyVersion.id).where(PolicyVersion.policy_id == proposal.policy_id)
        return rows.where(CaseSlaState.policy_version_id.in_(versions))
    versions = select(CalendarVersion.id).where(CalendarVersion.calendar_id == proposal.calendar_id)
    return rows.where(CaseSlaState.calendar_version_id.in_(versions))


@dataclass(frozen=True, slots=True)
class ChangedOutcome:
    """One clock that would have ended otherwise."""

    case_id: Id
    account_id: Id
    kind: str
    to: str


def find_changed_outcomes(ctx: Context, proposal: Proposal, locations: Sequence[CaseLocation]) -> list[ChangedOutcome]:
    """Replay these cases under the old and the proposed rules; returns the clocks that change between met and missed.
    Changes nothing. A clock that still runs counts as missed once it is overdue."""
    rules = RuleVersions(ctx)
    draft = draft_rules(rules, proposal)
    clock_events = clock_rows.clock_history(ctx, [location.case_id for location in locations])
    found = []
    for location in locations:
        told = clock_events[location.case_id]
        then = _results(clocks.replay(told, rules)[1], ctx)
        would = _results(clocks.replay(told, draft)[1], ctx)
        for key in sorted(then.keys() & would.keys()):
            if (then[key] is PromiseResult.BROKEN) != (would[key] is PromiseResult.BROKEN) and (
                PromiseResult.UNNEEDED not in (then[key], would[key])
            ):
                to = "missed" if would[key] is PromiseResult.BROKEN else "met"
                found.append(ChangedOutcome(location.case_id, location.account_id, key[0], to))
    return found


def _results(found: Sequence[Clock], ctx: Context) -> dict[tuple[str, int], PromiseResult]:
    return {(c.kind.value, c.number): result_of(c.outcome, c.due_at, ctx.now) for c in found}
