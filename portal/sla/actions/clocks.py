"""Apply the current rules to the clocks of cases."""

import datetime as dt
from collections.abc import Sequence

from portal.cases.models import CaseLocation
from portal.kernel.context import Context
from portal.kernel.events import record
from portal.sla import clock_rows, clock_store
from portal.sla.clock_store import CaseClocks
from portal.sla.queries.assignments import EffectiveRules, effective_rules_for
from portal.sla.rule_versions import RuleVersions


def apply_current_rules(ctx: Context, locations: Sequence[CaseLocation]) -> int:
    """Apply the current rules to these cases (locked by the caller); returns how many changed.

    For each that changes, `sla.policy_applied` is recorded and folded in; a case that has no clocks yet gets them
    from its events first.
    """
    if not locations:
        return 0
    rules = RuleVersions(ctx)
    case_clocks = clock_store.load_case_clocks(ctx, [location.case_id for location in locations])
    fresh = clock_store.replay_cases(ctx, [location for location in locations if location.case_id not in case_clocks])
    effective = effective_rules_for(ctx, {(location.organization_id, location.account_id) for location in locations})
    fold_states = [one.fold_state for one in (*case_clocks.values(), *fresh.values())]
    rules.fetch(
        {s.policy for s in fold_states} | {h.policy_version for h in effective.values()},
        {s.calendar for s in fold_states} | {h.calendar_version for h in effective.values()},
    )
    changed = []
    for location in locations:
        one = case_clocks.get(location.case_id) or fresh[location.case_id]
        if apply_rules(ctx, one, effective[location.organization_id, location.account_id], rules):
            changed.append(one)
    clock_store.save_case_clocks(ctx, [one for one in changed if one.location.case_id in case_clocks])
    clock_store.save_case_clocks(ctx, list(fresh.values()), anew=True)
    return len(changed)


def apply_rules(
    ctx: Context,
    case_clocks: CaseClocks,
    effective: EffectiveRules,
    rules: RuleVersions,
    *,
    occurred_at: dt.datetime | None = None,
) -> bool:
    """Apply *effective* to one case if it is counted by other versions; returns whether it was. *occurred_at*: from
    when they hold, if not from now."""
    current = (effective.policy_version, effective.calendar_version if effective.agreed else None)
    if current == (case_clocks.fold_state.policy, case_clocks.fold_state.calendar):
        return False
    event = record(
        ctx,
        "sla.policy_applied",
        _CaseReference(case_clocks.location),
        case=_CaseReference(case_clocks.location),
        occurred_at=occurred_at,
        policy=str(effective.policy_version) if effective.policy_version else None,
        calendar=str(current[1]) if current[1] else None,
        source=effective.policy_source,
    )
    case_clocks.apply(clock_rows.clock_event(event), rules)
    return True


class _CaseReference:
    """The fields of a case that `record` needs."""

    def __init__(self, location: CaseLocation) -> None:
        self.id, self.organization_id, self.account_id = location.case_id, location.organization_id, location.account_id
