"""A trial: which cases of the last days a rule would have touched, and what would have been different. It reads only,
and only cases that the reader sees."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from portal.cases.models import Case
from portal.cases.queries.severity_levels import level_name
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.kernel.ids import parse_id
from portal.rules.engine.case_rules import (
    TIMED,
    CaseRuleInUse,
    Effect,
    EffectOutcome,
    PlannedEffect,
    RuledCase,
    Trigger,
    plan,
)
from portal.rules.engine.moments import ENTERS, LEAVES, first_due, silences, stays
from portal.rules.labels import change_words, effect_words
from portal.rules.queries import case_facts
from portal.rules.queries.case_rules import names_of
from portal.rules.rules import TRIAL_CASES, TRIAL_DAYS, TRIAL_SHOWN

_STARTS = ("case.submitted", "case.routed", "case.edited")
_LEFT = ("case.resolved", "case.closed", "case.merged", "case.moved")
Span = tuple[dt.datetime, dt.datetime | None]


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One case that would have been touched: when, and what would have been different ('' for nothing)."""

    key: str
    subject: str
    at: dt.datetime
    changes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a trial found. *read*: the cases that were looked at; *more*: that there are older ones beyond the bound."""

    lines: Sequence[TrialLine]
    count: int
    read: int
    more: bool
    days: int = TRIAL_DAYS
    # Cases are read as they are now; of those just opened as they were opened.
    as_now: bool = False


def try_rule(ctx: Context, rule: CaseRuleInUse, row: Any) -> Trial:
    """What *rule*, with the names of *row*, would have done in the last TRIAL_DAYS, to the latest TRIAL_CASES cases."""
    since = ctx.now - dt.timedelta(days=TRIAL_DAYS)
    found = case_facts.recent_cases(
        ctx, since - dt.timedelta(hours=rule.hours), opened=rule.trigger in (Trigger.OPENED, Trigger.SINCE_OPENED)
    )
    cases = list(found[:TRIAL_CASES])
    kinds = case_facts.environment_kinds(ctx, cases) if rule.conditions.environment_kind else {}
    domains = case_facts.contact_domains(ctx, cases) if rule.conditions.domain else {}
    occasions = _occasions(ctx, rule, cases, since)
    names = names_of(ctx, [row]) | _department_names(ctx, cases, rule)
    touched: list[TrialLine] = []
    for case in cases:
        if (at := occasions.get(case.id)) is None:
            continue
        kind = kinds.get(case.environment_id, "") if case.environment_id else ""
        facts = case_facts.build_facts(case, kind, domains.get(case.contact_user_id, ""))
        planned = plan([rule], at.alter(facts))
        if planned:
            words = [_words(ctx, one, names) for one in planned[0].effects if one.outcome is EffectOutcome.DO]
            touched.append(TrialLine(case.key, case.subject, at.at, words))
    touched.sort(key=lambda line: line.at, reverse=True)
    return Trial(
        touched[:TRIAL_SHOWN], len(touched), len(cases), len(found) > TRIAL_CASES, as_now=rule.trigger != Trigger.OPENED
    )


@dataclass(frozen=True, slots=True)
class _Occasion:
    """When a rule would have looked at a case, and what of its facts was different then."""

    at: dt.datetime
    alter: Callable[[RuledCase], RuledCase]


def _occasions(ctx: Context, rule: CaseRuleInUse, cases: Sequence[Case], since: dt.datetime) -> dict[Id, _Occasion]:
    """The first occasion of *rule* in each of *cases* that had one since then."""
    if rule.trigger is Trigger.OPENED:
        return _openings(ctx, cases)
    if rule.trigger not in TIMED:
        side = "contact" if rule.trigger is Trigger.CUSTOMER_REPLIED else "staff"
        spoken = case_facts.public_words(ctx, cases, side, since)
        return {case_id: _Occasion(moments[0], _open_then) for case_id, moments in spoken.items()}
    found: dict[Id, _Occasion] = {}
    spans = _spans(ctx, rule, cases, since - dt.timedelta(hours=rule.hours))
    for case in cases:
        due = first_due(spans.get(case.id, ()), rule.hours, since, ctx.now)
        if due is not None:
            status = rule.conditions.status if rule.trigger is Trigger.IN_STATUS else ""
            found[case.id] = _Occasion(due, _in_status(status))
    return found


def _spans(ctx: Context, rule: CaseRuleInUse, cases: Sequence[Case], since: dt.datetime) -> dict[Id, list[Span]]:
    """The spans of time for which a time rule waits, by case."""
    if rule.trigger is Trigger.SINCE_OPENED:
        return {case.id: [(case.opened_at, _end_of(case))] for case in cases}
    if rule.trigger is Trigger.IN_STATUS:
        status = rule.conditions.status
        events = case_facts.events_of(ctx, cases, (*ENTERS[status], *LEAVES[status], *_LEFT))
        return {
            case_id: stays(status, [(one.name, one.recorded_at) for one in rows]) for case_id, rows in events.items()
        }
    side = "contact" if rule.trigger is Trigger.SINCE_CUSTOMER else "staff"
    spoken = case_facts.public_words(ctx, cases, side, since)
    if side == "contact":
        spoken = {case.id: [case.opened_at, *spoken.get(case.id, [])] for case in cases}
    ends = {case.id: _end_of(case) for case in cases}
    return {case_id: silences(moments, ends[case_id]) for case_id, moments in spoken.items()}


def _end_of(case: Case) -> dt.datetime | None:
    return case.resolved_at or case.closed_at


def _openings(ctx: Context, cases: Sequence[Case]) -> dict[Id, _Occasion]:
    """The openings of *cases*, with what owner, tier, status, severity and department were then."""
    events = case_facts.events_of(ctx, cases, _STARTS)
    return {case.id: _Occasion(case.opened_at, _as_opened(case, events.get(case.id, ()))) for case in cases}


def _as_opened(case: Case, events: Sequence[Event]) -> Callable[[RuledCase], RuledCase]:
    severity = next((e.facts["severity"] for e in events if e.name == "case.submitted" and "severity" in e.facts), None)
    department = next(filter(None, map(_department_before, events)), None)

    def alter(facts: RuledCase) -> RuledCase:
        changed: dict[str, Any] = {"owner_id": None, "tier": 1, "status": "new"}
        if isinstance(severity, int):
            changed["severity"] = severity
        if department is not None:
            changed["department_id"] = parse_id(department[0])
        return replace(facts, **changed)

    return alter


def _department_before(event: Event) -> tuple[str] | None:
    """The department before *event* changed it, in a tuple; None for an event that did not."""
    changed = event.facts.get("changed")
    pair = event.facts.get("department") or (changed.get("department_id") if isinstance(changed, dict) else None)
    return (str(pair[0] or ""),) if isinstance(pair, list) and len(pair) == 2 else None


def _open_then(facts: RuledCase) -> RuledCase:
    return facts


def _in_status(status: str) -> Callable[[RuledCase], RuledCase]:
    return lambda facts: replace(facts, status=status) if status else facts


def _department_names(ctx: Context, cases: Sequence[Case], rule: CaseRuleInUse) -> dict[Id, str]:
    """The names of the departments and owners that *cases* have, where *rule* sets them."""
    wanted = [case for case in cases if case.department_id or case.owner_id]
    if not wanted or not {Effect.DEPARTMENT, Effect.OWNER} & rule.effects.keys():
        return {}
    return names_of(ctx, [_Named(case.department_id, case.owner_id) for case in wanted])


@dataclass(frozen=True, slots=True)
class _Named:
    set_department_id: Id | None
    set_owner_id: Id | None


def _words(ctx: Context, one: PlannedEffect, names: dict[Id, str]) -> str:
    def named(value: Any) -> str:
        if value is None or one.effect is Effect.NOTE:
            return ""
        if one.effect is Effect.SEVERITY:
            return level_name(ctx, value)
        return str(value) if one.effect is Effect.TIER else names.get(value, "")

    if one.effect in (Effect.FOLLOWER, Effect.NOTE):
        return effect_words(one.effect, named(one.after))
    return change_words(one.effect, named(one.before), named(one.after))
