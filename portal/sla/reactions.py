"""Reactions of clocks to case events, in the same transaction: the cached rows always equal the replay of the
events."""

import datetime as dt

from portal.cases.models import Case, CaseLocation
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.kernel.system_context import as_system
from portal.sla import clock_rows, clock_store
from portal.sla.actions.clocks import apply_rules
from portal.sla.clock_store import CaseClocks
from portal.sla.engine.clocks import HEARD, FoldState
from portal.sla.models import PromiseShown
from portal.sla.queries import previews
from portal.sla.queries.assignments import EffectiveRules, effective_rules
from portal.sla.rule_versions import RuleVersions

FOLLOWED_EVENTS = sorted(HEARD - {"case.submitted", "sla.policy_applied"})


def start_clocks(ctx: Context, event: Event) -> None:
    """Reaction to case.submitted: the rules that hold now apply to the case, its clocks start, and the promise that its
    opener was shown is stored (none for a customer who is shown no times). Records `sla.policy_applied` where something
    was agreed."""
    case = ctx.session.get(Case, event.case_id)
    if case is None:
        return
    with as_system(ctx) as inner:
        effective = effective_rules(inner, case.organization_id, case.account_id)
        case_clocks = CaseClocks(CaseLocation.of(case), FoldState())
        rules = RuleVersions(inner)
        case_clocks.apply(clock_rows.clock_event(event, case.severity), rules)
        apply_rules(inner, case_clocks, effective, rules, occurred_at=event.occurred_at)
        clock_store.save_case_clocks(inner, [case_clocks])
        shows = ctx.provider.promises_shown == "dates" or not ctx.actor.is_contact
        if shows and "split_from" not in event.facts:  # the form of a split shows no promise
            store_shown_promise(inner, case, effective, shown_at(event))


def shown_at(event: Event) -> dt.datetime:
    """When the form with the promise was shown: the fact `form_shown_at` if it lies within a day before the opening,
    else the moment of opening."""
    opened_at = event.recorded_at
    if "form_shown_at" in event.facts:
        moment = dt.datetime.fromisoformat(event.facts["form_shown_at"])
        if opened_at - dt.timedelta(days=1) <= moment <= opened_at:
            return moment
    return opened_at


def store_shown_promise(ctx: Context, case: Case, effective: EffectiveRules, at: dt.datetime) -> None:
    """Store the promise for *case* at the moment *at*, also if nothing was agreed."""
    ctx.session.add(
        PromiseShown(
            **CaseLocation.of(case).columns(),
            severity=case.severity,
            shown_at=at,
            policy_version_id=effective.policy_version,
            calendar_version_id=effective.calendar_version if effective.agreed else None,
            content=previews.compute_times(RuleVersions(ctx), effective, case.severity, at).data()
            if effective.agreed
            else {},
        )
    )
    ctx.session.flush()


def follow_event(ctx: Context, event: Event) -> None:
    """Reaction to every other event that clocks depend on: apply it to the clocks of the case."""
    if event.case_id is None or (event.name == "case.edited" and "severity" not in event.facts):
        return
    with as_system(ctx) as inner:
        case_clocks = clocks_before(inner, event)
        if case_clocks is None:
            return
        rules = RuleVersions(inner)
        was = case_clocks.fold_state.state
        case_clocks.apply(clock_rows.clock_event(event), rules)
        if was in ("resolved", "closed") and case_clocks.fold_state.state not in ("resolved", "closed"):
            # It was not recomputed while it was closed, so it now follows the current rules.
            apply_rules(
                inner,
                case_clocks,
                effective_rules(inner, case_clocks.location.organization_id, case_clocks.location.account_id),
                rules,
            )
        clock_store.save_case_clocks(inner, [case_clocks])


def clocks_before(ctx: Context, event: Event) -> CaseClocks | None:
    """The clocks of the case before *event*; an older case without clocks is replayed from its events."""
    assert event.case_id is not None
    found = clock_store.load_case_clocks(ctx, [event.case_id]).get(event.case_id)
    if found is not None:
        return found
    case = ctx.session.get(Case, event.case_id)
    if case is None:
        return None
    case_clocks = CaseClocks(CaseLocation.of(case), FoldState())
    rules = RuleVersions(ctx)
    for clock_event in clock_rows.clock_history(ctx, [case.id], before=event.id)[case.id]:
        case_clocks.apply(clock_event, rules)
    return case_clocks
