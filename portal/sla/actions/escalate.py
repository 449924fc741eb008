"""Escalation steps, each exactly once: the worker that holds the row of due work writes the ledger and the effect of
the step.

The ledger row, the effect and the removal of the due work are one transaction. So a loss of Redis, of a worker or of
the database at any moment loses nothing (the row of due work is still there) and repeats nothing (the ledger refuses a
second row).
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import or_, select, update
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
from portal.kernel.outbox import DueWork
from portal.sla import clock_rows, clock_store
from portal.sla.actions.updates import prepare_draft
from portal.sla.clock_store import CaseClocks
from portal.sla.engine import clocks
from portal.sla.engine.calendar import CalendarProblem
from portal.sla.engine.clocks import Clock
from portal.sla.engine.policy import ClockKind
from portal.sla.models import FiredStep, SlaClock
from portal.sla.models.escalation import CUSTOMERS
from portal.sla.queries import escalation as queries
from portal.sla.queries.case_clocks import latest_clocks
from portal.sla.rule_versions import RuleStep, RuleVersions

# The kind of due work that notifies people of a step that fired in quiet hours.
TELL = "sla_tell"
# The delay before a locked case is tried again.
BUSY_PAUSE = dt.timedelta(seconds=2)
# An effect that changes the rules of its own clock comes last at its threshold.
_ORDER = {"draft_update": 0, "notify": 1, "reassign": 2, "raise_tier": 3, "raise_severity": 4}


@dataclass(slots=True)
class DueStep:
    """A step that is due: *at* that time its share of *clock* was used up. `did` is its effect."""

    clock: Clock
    step: RuleStep
    at: dt.datetime
    id: Id = field(default_factory=new_id)
    did: dict[str, Any] = field(default_factory=dict)


def fire_steps(ctx: Context, clock_id: Id) -> int:
    """Due work: do every step of the case of a clock whose threshold is used up, and plan the next ones; returns how
    many were done.

    Nothing is done early, twice, or for a threshold that the clock never reached. If the worker is late, several steps
    of several clocks are due at once. All are done, but people are notified once, of the highest. The case's row is
    locked only if it is free: waiting for a person who waits for this due work would be a deadlock.
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
    due = _due_steps(ctx, case_clocks, row)
    with force_locale(ctx.provider.locale or "en"):
        done = [one for one in due if _fire_step(ctx, case, case_clocks, one)]
        _tell_of_steps(ctx, case, case_clocks, [one for one in done if "tell" in one.did])
    for one in done:
        _close_ledger_row(ctx, case, one)
    reached = {_id_of(case, one.clock): (one.clock.target_version, 0) for one in due}
    for one in due:
        version, percent = reached[_id_of(case, one.clock)]
        reached[_id_of(case, one.clock)] = (version, max(percent, one.step.percent))
    for identity, (version, percent) in reached.items():
        ctx.session.execute(
            update(SlaClock)
            .where(SlaClock.id == identity, SlaClock.target_version == version)
            .values(reached=percent)
            .execution_options(synchronize_session=False)
        )
    for identity in {clock_id, *reached}:
        plan_next_step(ctx, identity)
    return len(done)


def _id_of(case: Case, clock: Clock) -> Id:
    return clock_rows.clock_id(case.id, clock.kind, clock.number)


def plan_next_step(ctx: Context, clock_id: Id) -> None:
    """Plan the next step of one clock from its present rows."""
    row = ctx.session.get(SlaClock, clock_id, populate_existing=True)
    if row is None:
        return
    case_clocks = clock_store.load_case_clocks(ctx, [row.case_id])[row.case_id]
    at = clock_store.next_step(RuleVersions(ctx), case_clocks.fold_state, clock_rows.clock_from_row(row), row.reached)
    if at is not None:
        outbox.schedule(ctx.session, ctx.provider_id, clock_store.STEP, clock_id, at)


def _due_steps(ctx: Context, case_clocks: CaseClocks, row: SlaClock) -> list[DueStep]:
    """The steps of *row* and of the other clocks of its case that are due work, that are due and did not fire, in the
    order of their thresholds. A severity is raised last: it changes the rules of all clocks."""
    fold_state, rules = case_clocks.fold_state, RuleVersions(ctx)
    waiting = select(DueWork.id).where(
        DueWork.provider_id == ctx.provider_id, DueWork.kind == clock_store.STEP, DueWork.due_at <= ctx.now
    )
    rows = ctx.session.scalars(
        select(SlaClock)
        .where(SlaClock.case_id == row.case_id, or_(SlaClock.id == row.id, SlaClock.id.in_(waiting)))
        .execution_options(populate_existing=True)
    )
    found = []
    for each in rows:
        clock = clock_rows.clock_from_row(each)
        calendar = rules.calendar(clock.terms.calendar) if clock.terms.calendar else None
        until = min(ctx.now, clock.stopped_at) if clock.stopped_at is not None else ctx.now
        for step in rules.steps_for(fold_state.policy, clock.kind, fold_state.severity):
            if step.percent <= each.reached:
                continue
            at = clocks.due_time(clock.segments, clock.terms.tracks, calendar, step.percent)
            if at is not None and at <= until:
                found.append(DueStep(clock, step, at))

    def order(one: DueStep) -> tuple[Any, ...]:
        return one.step.does == "raise_severity", one.step.percent, _ORDER[one.step.does], one.at

    return sorted(found, key=order)


def _fire_step(ctx: Context, case: Case, case_clocks: CaseClocks, one: DueStep) -> bool:
    """Do one step, after its row in the ledger was written; returns False and does nothing if the row is there
    already."""
    step, clock = one.step, one.clock
    one.did = {"does": step.does, "percent": step.percent, "rule": step.rule}
    row = insert(FiredStep).values(
        id=one.id,
        **case_clocks.location.columns(),
        clock_id=_id_of(case, clock),
        kind=clock.kind.value,
        cycle=clock.number,
        target_version=clock.target_version,
        step_id=step.id,
        due_at=one.at,
        fired_at=ctx.now,
        did=one.did,
    )
    if ctx.session.scalar(row.on_conflict_do_nothing().returning(FiredStep.id)) is None:
        return False
    try:
        with ctx.session.begin_nested():
            one.did |= EFFECTS[step.does](ctx, case, case_clocks, one)
    except PortalError as problem:
        # The case does not allow it any more (resolved, nobody to assign): the ledger stores why nothing was done.
        one.did["skipped"] = problem.message or type(problem).__name__
    return True


def _close_ledger_row(ctx: Context, case: Case, one: DueStep) -> None:
    """Store the effect of a step in the ledger; records `sla.step_fired` (facts: clock, reached, and what it did)."""
    ctx.session.execute(
        update(FiredStep).where(FiredStep.id == one.id).values(did=one.did).execution_options(synchronize_session=False)
    )
    facts = {key: value for key, value in one.did.items() if key != "tell"}
    record(ctx, "sla.step_fired", case, case=case, clock=one.clock.kind.value, reached=one.at.isoformat(), **facts)


# -- telling -----------------------------------------------------------------------------------------------------------


def _notify(ctx: Context, case: Case, _case_clocks: CaseClocks, one: DueStep) -> dict[str, Any]:
    """The people whom this step notifies; `_tell_of_steps` notifies for all steps at once."""
    staff = [group for group in one.step.whom if group != CUSTOMERS]
    people = queries.admitted_recipients(ctx, case, queries.recipients_of(ctx, case, staff))
    told: dict[str, Any] = {"tell": [str(user.id) for user in people], "names": [user.name for user in people]}
    if CUSTOMERS in one.step.whom and ctx.provider.promises_shown != "nothing":
        told[CUSTOMERS] = True
    return told


def _tell_of_steps(ctx: Context, case: Case, case_clocks: CaseClocks, steps: Sequence[DueStep]) -> None:
    """Notify people of *steps*, once for all of them: now or, in quiet hours, when support opens. Each step stores the
    result: `quiet_until`, or `with` the higher step whose message includes it."""
    loud = []
    for one in steps:
        until = quiet_until(ctx, case_clocks, one.clock.kind)
        if until is None:
            loud.append(one)
        elif one.did["tell"] or one.did.get(CUSTOMERS):
            one.did["quiet_until"] = until.isoformat()
            outbox.schedule(ctx.session, ctx.provider_id, TELL, one.id, until)
    if not loud:
        return
    highest = max(loud, key=lambda one: one.step.percent)  # of several the one that was reached first
    for one in loud:
        if one.step.percent < highest.step.percent:
            one.did["with"] = [highest.clock.kind.value, highest.step.percent]
    _record_alarm(ctx, case, [Alarm(one.id, one.clock.kind.value, one.step.percent, one.did["tell"]) for one in loud])
    _tell_customers(ctx, case, {one.clock.kind.value for one in loud if one.did.get(CUSTOMERS)})


def quiet_until(ctx: Context, case_clocks: CaseClocks, kind: ClockKind) -> dt.datetime | None:
    """The end of quiet hours for a clock of *kind* on this case; None if people may be notified now, because support is
    open or the promise allows alarms at night."""
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


@dataclass(frozen=True, slots=True)
class Alarm:
    """The alarm of one fired step: the clock, the share of its time, and the people (user ids)."""

    fired: Id
    kind: str
    percent: int
    tell: Sequence[str]


def _record_alarm(ctx: Context, case: Case, alarms: Sequence[Alarm]) -> None:
    """Record one `sla.alarm` for all *alarms*, which rings bells and writes mails, and store when people were notified.

    Facts: clock and percent of the highest, `tell` everybody whom any of them names, `also` the highest share of each
    other clock.
    """
    highest = max(alarms, key=lambda one: one.percent)
    others: dict[str, int] = {}
    for one in alarms:
        if one.kind != highest.kind:
            others[one.kind] = max(others.get(one.kind, 0), one.percent)
    tell = list(dict.fromkeys(user_id for one in alarms for user_id in one.tell))
    if tell:
        record(
            ctx,
            "sla.alarm",
            case,
            case=case,
            clock=highest.kind,
            percent=highest.percent,
            also=[[kind, percent] for kind, percent in others.items()],
            tell=tell,
            fired=str(highest.fired),
        )
    ctx.session.execute(
        update(FiredStep)
        .where(FiredStep.id.in_([one.fired for one in alarms]))
        .values(told_at=ctx.now)
        .execution_options(synchronize_session=False)
    )


def _tell_customers(ctx: Context, case: Case, kinds: Collection[str]) -> None:
    """Record `sla.late` where clocks of *kinds* are late at this moment, which is told to the customer (E12).

    Facts: `late`, [kind, due time] of each. A customer who was answered meanwhile, or whose turn it is, hears nothing.
    """
    if not kinds or not case.unresolved:
        return
    late = [
        [str(one.kind), one.due.isoformat()]
        for _row, one in latest_clocks(ctx, case)
        if one.kind in kinds and one.state == "late" and one.why != "waiting" and one.due is not None
    ]
    if late:
        record(ctx, "sla.late", case, case=case, late=late)


def tell_recipients(ctx: Context, fired_id: Id) -> None:
    """Due work at opening time: notify people of what fired in quiet hours, once for all steps of a case. A warning
    about a clock that has stopped meanwhile is not sent. Then `sla.alarm_spared` is recorded (facts: clock, percent),
    because the history announced it.
    """
    row = ctx.session.get(FiredStep, fired_id)
    if row is None:
        return
    try:
        case = by_id(ctx, row.case_id)
    except NotFound:
        return
    waiting = (
        select(FiredStep)
        .where(FiredStep.case_id == row.case_id, FiredStep.told_at.is_(None), FiredStep.did.has_key("quiet_until"))
        .order_by(FiredStep.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    alarms, broken = [], set()
    for one in ctx.session.scalars(waiting).all():
        if dt.datetime.fromisoformat(one.did["quiet_until"]) > ctx.now or one.did.get("spared"):
            continue
        percent = int(one.did.get("percent", 100))
        clock = ctx.session.get(SlaClock, one.clock_id)
        if percent < 100 and (clock is None or clock.stopped_at is not None):
            one.did = {**one.did, "spared": True}
            record(ctx, "sla.alarm_spared", case, case=case, clock=one.kind, percent=percent)
        else:
            alarms.append(Alarm(one.id, one.kind, percent, list(one.did.get("tell", ()))))
            if one.did.get(CUSTOMERS):
                broken.add(one.kind)
    if alarms:
        _record_alarm(ctx, case, alarms)
        _tell_customers(ctx, case, broken)


# -- other effects ----------------------------------------------------------------------------------------------------


def _raise_tier(ctx: Context, case: Case, _case_clocks: CaseClocks, one: DueStep) -> dict[str, Any]:
    tier = int(one.step.target or 0) or case.tier + 1
    if tier <= case.tier or tier > 3:
        return {"skipped": _("The case is already on tier %(n)d", n=case.tier)}
    before = case.tier
    # A rule only notifies more people: the owner keeps the case until somebody takes it.
    why = _("A rule raised the tier")
    desk.escalate(ctx, case, tier=tier, note=_handover_note(one.step, one.clock), keep_owner=why)
    return {"tier": [before, tier]}


def _handover_note(step: RuleStep, clock: Clock) -> str:
    """The internal note of the hand-over: the text of the rule, and the state of the clock."""
    shown = {
        "first_response": _("First response: %(n)d %% of the promised time is used up.", n=step.percent),
        "next_response": _("Answer to the customer: %(n)d %% of the promised time is used up.", n=step.percent),
        "next_update": _("Next update: %(n)d %% of the promised time is used up.", n=step.percent),
        "resolution": _("Resolution: %(n)d %% of the promised time is used up.", n=step.percent),
    }[clock.kind.value]
    return f"{step.note}\n\n{shown}".strip()


def _reassign(ctx: Context, case: Case, _case_clocks: CaseClocks, one: DueStep) -> dict[str, Any]:
    target = one.step.target
    owner = queries.lead_of(ctx, case) if target == "lead" else parse_id(target)
    if owner is None or owner == case.owner_id:
        return {"skipped": _("There is nobody else to give it to")}
    before = case.owner_id
    desk.assign(ctx, case, owner_id=owner, department_id=case.department_id)
    return {"owner": [str(before or ""), str(owner)]}


def _raise_severity(ctx: Context, case: Case, _case_clocks: CaseClocks, one: DueStep) -> dict[str, Any]:
    if case.severity <= 1:
        return {"skipped": _("The case already has the highest severity")}
    earlier = select(FiredStep.id).where(
        FiredStep.clock_id == _id_of(case, one.clock),
        FiredStep.step_id == one.step.id,
        FiredStep.id != one.id,
    )
    if ctx.session.scalar(earlier.limit(1)) is not None:
        # The higher severity has a shorter target: without this check the rule would raise it to the top.
        return {"skipped": _("This rule already raised it")}
    before = case.severity
    why = one.step.note or _("The promised time is running out")
    desk.redefine_severity(ctx, case, severity=case.severity - 1, reason=why)
    return {"severity": [before, case.severity]}


def _draft_update(ctx: Context, case: Case, case_clocks: CaseClocks, _one: DueStep) -> dict[str, Any]:
    prepare_draft(ctx, case, case_clocks)
    return {"draft": True}


EFFECTS = {
    "notify": _notify,
    "raise_tier": _raise_tier,
    "reassign": _reassign,
    "raise_severity": _raise_severity,
    "draft_update": _draft_update,
}
