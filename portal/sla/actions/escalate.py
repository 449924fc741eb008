"""Escalation steps, each exactly once: whoever holds the row of due work writes the ledger with what the step does.

The ledger row, the effect and the removal of the due work are one transaction. Losing Redis, a worker or the database
at any instant therefore loses nothing (the row of due work is still there) and doubles nothing (the ledger refuses).
"""

import datetime as dt
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from portal.cases.actions import desk
from portal.cases.models import Case
from portal.cases.queries.detail import by_id
from portal.kernel import outbox
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import NotFound, PortalError
from portal.kernel.events import record
from portal.kernel.ids import new_id, parse_id
from portal.sla import clock_rows, clock_store
from portal.sla.actions.updates import prepare_draft
from portal.sla.clock_store import CaseClocks
from portal.sla.engine import clocks
from portal.sla.engine.calendar import CalendarProblem
from portal.sla.engine.clocks import Clock
from portal.sla.engine.policy import ClockKind
from portal.sla.models import FiredStep, SlaClock
from portal.sla.queries.escalation import lead_of, recipients_of
from portal.sla.rule_versions import RuleStep, RuleVersions

# The kind of due work that tells people of a step that fired in quiet hours.
TELL = "sla_tell"
# A case that somebody is working on at this moment is looked at again so much later.
BUSY_PAUSE = dt.timedelta(seconds=2)
# What changes the rules of its own clock comes last at its threshold.
_ORDER = {"draft_update": 0, "notify": 1, "reassign": 2, "raise_tier": 3, "raise_severity": 4}


def fire_steps(ctx: Context, clock_id: Id) -> int:
    """Due work: do every step of a clock whose threshold is used up, and plan the next; returns how many were done.

    Nothing is done early, twice, or for a threshold that the clock never reached. The case's row is only taken if
    nobody holds it: a person who waits for this very due work must not be waited for.
    """
    row = ctx.session.get(SlaClock, clock_id)
    if row is None:
        return 0
    free = select(Case.id).where(Case.id == row.case_id).with_for_update(skip_locked=True, of=Case)
    if ctx.session.scalar(free) is None:
        outbox.schedule(ctx.session, ctx.provider_id, clock_store.STEP, clock_id, ctx.now + BUSY_PAUSE)
        return 0
    case = by_id(ctx, row.case_id, lock=True)
    ctx.session.refresh(row)
    case_clocks = clock_store.load_case_clocks(ctx, [case.id])[case.id]
    clock = clock_rows.clock_from_row(row)
    rules = RuleVersions(ctx)
    done = 0
    due = _due_steps(rules, case_clocks, clock, row.reached, ctx.now)
    with force_locale(ctx.provider.locale or "en"):
        for step, at in due:
            done += _fire_step(ctx, case, case_clocks, clock, step, at)
    if due:
        reached = max(step.percent for step, _at in due)
        ctx.session.execute(
            update(SlaClock)
            .where(SlaClock.id == clock_id, SlaClock.target_version == clock.target_version)
            .values(reached=reached)
            .execution_options(synchronize_session=False)
        )
    plan_next_step(ctx, clock_id)
    return done


def plan_next_step(ctx: Context, clock_id: Id) -> None:
    """Plan the next step of one clock as its rows stand now."""
    row = ctx.session.get(SlaClock, clock_id, populate_existing=True)
    if row is None:
        return
    case_clocks = clock_store.load_case_clocks(ctx, [row.case_id])[row.case_id]
    at = clock_store.next_step(RuleVersions(ctx), case_clocks.fold_state, clock_rows.clock_from_row(row), row.reached)
    if at is not None:
        outbox.schedule(ctx.session, ctx.provider_id, clock_store.STEP, clock_id, at)


def _due_steps(
    rules: RuleVersions, case_clocks: CaseClocks, clock: Clock, reached: int, now: dt.datetime
) -> list[tuple[RuleStep, dt.datetime]]:
    """The steps above *reached* whose moment has come, in the order of their thresholds."""
    steps = rules.steps_for(case_clocks.fold_state.policy, clock.kind, case_clocks.fold_state.severity)
    calendar = rules.calendar(clock.terms.calendar) if clock.terms.calendar else None
    until = min(now, clock.stopped_at) if clock.stopped_at is not None else now
    found = []
    for step in steps:
        if step.percent <= reached:
            continue
        at = clocks.due_time(clock.segments, clock.terms.tracks, calendar, step.percent)
        if at is not None and at <= until:
            found.append((step, at))
    return sorted(found, key=lambda pair: (pair[0].percent, _ORDER[pair[0].does]))


def _fire_step(ctx: Context, case: Case, case_clocks: CaseClocks, clock: Clock, step: RuleStep, at: dt.datetime) -> int:
    """One step: its row in the ledger first; if it is there already, nothing. Records `sla.step_fired`."""
    identity = new_id()
    row = insert(FiredStep).values(
        id=identity,
        **case_clocks.location.columns(),
        clock_id=clock_rows.clock_id(case.id, clock.kind, clock.number),
        kind=clock.kind.value,
        cycle=clock.number,
        target_version=clock.target_version,
        step_id=step.id,
        due_at=at,
        fired_at=ctx.now,
        did={"does": step.does, "percent": step.percent, "rule": step.rule},
    )
    if ctx.session.scalar(row.on_conflict_do_nothing().returning(FiredStep.id)) is None:
        return 0
    did: dict[str, Any] = {"does": step.does, "percent": step.percent, "rule": step.rule}
    try:
        with ctx.session.begin_nested():
            did |= EFFECTS[step.does](ctx, case, case_clocks, clock, step, identity)
    except PortalError as problem:
        # The case does not allow it any more (resolved, nobody there): the ledger says why nothing was done.
        did["skipped"] = problem.message or type(problem).__name__
    ctx.session.execute(
        update(FiredStep).where(FiredStep.id == identity).values(did=did).execution_options(synchronize_session=False)
    )
    record(
        ctx,
        "sla.step_fired",
        case,
        case=case,
        clock=clock.kind.value,
        **{key: value for key, value in did.items() if key != "tell"},
    )
    return 1


# -- effects -----------------------------------------------------------------------------------------------------------


def _notify(
    ctx: Context, case: Case, case_clocks: CaseClocks, clock: Clock, step: RuleStep, fired: Id
) -> dict[str, Any]:
    """Tell people now or, in quiet hours, when support opens."""
    tell = [str(user_id) for user_id in recipients_of(ctx, case, step.whom)]
    until = quiet_until(ctx, case_clocks, clock.kind)
    if until is not None:
        outbox.schedule(ctx.session, ctx.provider_id, TELL, fired, until)
        return {"tell": tell, "quiet_until": until.isoformat()}
    _record_alarm(ctx, case, clock.kind.value, step.percent, tell, fired)
    return {"tell": tell}


def quiet_until(ctx: Context, case_clocks: CaseClocks, kind: ClockKind) -> dt.datetime | None:
    """Until when nobody is alarmed about a clock of *kind* on this case; None if people may be told now: support is
    open, or the promise rings at night too."""
    fold_state, rules = case_clocks.fold_state, RuleVersions(ctx)
    if fold_state.policy is None or fold_state.calendar is None:
        return None
    if rules.policy(fold_state.policy).promise(fold_state.severity).rings_at_night(kind):
        return None
    try:
        opens = rules.calendar(fold_state.calendar).next_opening(ctx.now)
    except CalendarProblem:
        return None
    return opens if opens > ctx.now else None


def _record_alarm(ctx: Context, case: Case, kind: str, percent: int, tell: list[str], fired: Id) -> None:
    """Record `sla.alarm`, which rings bells and writes mails, and note when people were told."""
    if tell:
        record(ctx, "sla.alarm", case, case=case, clock=kind, percent=percent, tell=tell, fired=str(fired))
    ctx.session.execute(
        update(FiredStep)
        .where(FiredStep.id == fired)
        .values(told_at=ctx.now)
        .execution_options(synchronize_session=False)
    )


def tell_recipients(ctx: Context, fired_id: Id) -> None:
    """Due work: support opens, so people hear of what fired in quiet hours; a warning about a clock that has stopped
    meanwhile is spared them."""
    row = ctx.session.get(FiredStep, fired_id)
    if row is None or row.told_at is not None:
        return
    try:
        case = by_id(ctx, row.case_id)
    except NotFound:
        return
    clock = ctx.session.get(SlaClock, row.clock_id)
    percent = int(row.did.get("percent", 100))
    if percent < 100 and (clock is None or clock.stopped_at is not None):
        return
    _record_alarm(ctx, case, row.kind, percent, list(row.did.get("tell", ())), row.id)


def _raise_tier(
    ctx: Context, case: Case, _kept: CaseClocks, clock: Clock, step: RuleStep, _fired: Id
) -> dict[str, Any]:
    tier = int(step.target or 0) or case.tier + 1
    if tier <= case.tier or tier > 3:
        return {"skipped": _("The case is on tier %(n)d already", n=case.tier)}
    before = case.tier
    desk.escalate(ctx, case, tier=tier, note=_handover_note(step, clock))
    return {"tier": [before, tier]}


def _handover_note(step: RuleStep, clock: Clock) -> str:
    """The note for whoever comes next: what the rule says, and what the clock shows."""
    shown = {
        "first_response": _("First response: %(n)d %% of the promised time is used up.", n=step.percent),
        "next_response": _("Answer to the customer: %(n)d %% of the promised time is used up.", n=step.percent),
        "next_update": _("Next update: %(n)d %% of the promised time is used up.", n=step.percent),
        "resolution": _("Resolution: %(n)d %% of the promised time is used up.", n=step.percent),
    }[clock.kind.value]
    return f"{step.note}\n\n{shown}".strip()


def _reassign(ctx: Context, case: Case, _kept: CaseClocks, _clock: Clock, step: RuleStep, _fired: Id) -> dict[str, Any]:
    owner = lead_of(ctx, case) if step.target == "lead" else parse_id(step.target)
    if owner is None or owner == case.owner_id:
        return {"skipped": _("There is nobody else to give it to")}
    before = case.owner_id
    desk.assign(ctx, case, owner_id=owner, department_id=case.department_id)
    return {"owner": [str(before or ""), str(owner)]}


def _raise_severity(
    ctx: Context, case: Case, _kept: CaseClocks, clock: Clock, step: RuleStep, fired: Id
) -> dict[str, Any]:
    if case.severity <= 1:
        return {"skipped": _("It has the highest severity already")}
    earlier = select(FiredStep.id).where(
        FiredStep.clock_id == clock_rows.clock_id(case.id, clock.kind, clock.number),
        FiredStep.step_id == step.id,
        FiredStep.id != fired,
    )
    if ctx.session.scalar(earlier.limit(1)) is not None:
        # The higher severity has a shorter target: without this the rule would climb to the top by itself.
        return {"skipped": _("This rule raised it before")}
    before = case.severity
    why = step.note or _("The promised time is running out")
    desk.redefine_severity(ctx, case, severity=case.severity - 1, reason=why)
    return {"severity": [before, case.severity]}


def _draft_update(
    ctx: Context, case: Case, case_clocks: CaseClocks, _clock: Clock, _step: RuleStep, _fired: Id
) -> dict[str, Any]:
    prepare_draft(ctx, case, case_clocks)
    return {"draft": True}


EFFECTS = {
    "notify": _notify,
    "raise_tier": _raise_tier,
    "reassign": _reassign,
    "raise_severity": _raise_severity,
    "draft_update": _draft_update,
}
