"""Writing down the time that was worked on a case, and measuring it."""

import datetime as dt
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from portal.authz.access import can, require
from portal.authz.permissions import Permission
from portal.cases.actions.transitions import check_not_redirected
from portal.cases.models import Case, CaseLocation
from portal.kernel.context import Context
from portal.kernel.errors import Forbidden, Refused
from portal.kernel.events import record
from portal.kernel.system_context import as_system
from portal.time_entries.models import CaseTimer, TimeEntry
from portal.time_entries.queries import entry_of_press, own_timer
from portal.time_entries.rules import measured_seconds

TEXT_LETTERS = 500
# How far back a day may lie.
OLDEST = dt.timedelta(days=366)
# The letters of what was done that the history of a case repeats.
_REPEATED = 120


@dataclass(frozen=True, slots=True)
class TimeFacts:
    """What an entry says; *minutes* from 1 to `rules.LONGEST`."""

    minutes: int
    text: str
    worked_on: dt.date
    billable: bool = True


def add_entry(
    ctx: Context, case: Case, facts: TimeFacts, today: dt.date, *, once: str = "", ends_timer: bool = False
) -> TimeEntry:
    """Write down time of the actor on *case*; records `time.added` (facts: minutes, billable, text). *today* is the day
    where the actor is. *ends_timer*: the entry takes the place of the actor's timer of the case. A second press finds
    the first entry. Raises Refused for no words, and for a day to come or more than a year ago."""
    _check_case(ctx, case)
    _check_facts(facts, today)
    found = entry_of_press(ctx, case, once) if once else None
    if found is not None:
        return found
    row = TimeEntry(
        **CaseLocation.of(case).columns(),
        staff_id=ctx.actor.staff_id,
        minutes=facts.minutes,
        text=facts.text,
        billable=facts.billable,
        worked_on=facts.worked_on,
        added_at=ctx.now,
        once=once or None,
    )
    ctx.session.add(row)
    if ends_timer:
        discard_timer(ctx, case)
    ctx.session.flush()
    record(ctx, "time.added", case, case=case, minutes=row.minutes, billable=row.billable, text=row.text[:_REPEATED])
    return row


def may_change(ctx: Context, entry: TimeEntry) -> bool:
    """Whether the actor changes *entry*: one's own, or everybody's for who reviews time."""
    return entry.staff_id == ctx.actor.staff_id or can(ctx.actor, Permission.TIME_REVIEW)


def change_entry(ctx: Context, case: Case, entry: TimeEntry, facts: TimeFacts, today: dt.date) -> None:
    """Change what *entry* says; records `time.changed` (facts: minutes and billable from and to, staff: whose it is,
    text) if anything differs. Raises as `add_entry`, and Forbidden for an entry of somebody else."""
    _check_entry(ctx, case, entry)
    _check_facts(facts, max(today, entry.worked_on), oldest=entry.worked_on)
    before = TimeFacts(entry.minutes, entry.text, entry.worked_on, entry.billable)
    if facts == before:
        return
    entry.minutes, entry.text, entry.worked_on, entry.billable = (
        facts.minutes,
        facts.text,
        facts.worked_on,
        facts.billable,
    )
    ctx.session.flush()
    record(
        ctx,
        "time.changed",
        case,
        case=case,
        minutes=[before.minutes, facts.minutes],
        billable=[before.billable, facts.billable],
        staff=str(entry.staff_id),
        text=facts.text[:_REPEATED],
    )


def remove_entry(ctx: Context, case: Case, entry: TimeEntry) -> None:
    """Take *entry* away; records `time.removed` (facts: minutes, billable, staff, text), which is all that stays of
    it. Raises Forbidden for an entry of somebody else."""
    _check_entry(ctx, case, entry)
    ctx.session.delete(entry)
    ctx.session.flush()
    record(
        ctx,
        "time.removed",
        case,
        case=case,
        minutes=entry.minutes,
        billable=entry.billable,
        staff=str(entry.staff_id),
        text=entry.text[:_REPEATED],
    )


def start_timer(ctx: Context, case: Case) -> Case | None:
    """Let the actor's timer of *case* run, on from what it measured before. A timer of theirs that runs on another case
    stops and keeps its time until they save it: that case is returned. Records no event: nothing was worked yet."""
    _check_case(ctx, case)
    own = select(CaseTimer).where(CaseTimer.staff_id == ctx.actor.staff_id)
    running = own.where(CaseTimer.started_at.is_not(None)).with_for_update()
    other = ctx.session.scalars(running.execution_options(populate_existing=True)).one_or_none()
    if other is not None and other.case_id == case.id:
        return None
    stopped = None
    if other is not None:
        _stop(ctx, other)
        rows = select(Case).where(Case.id == other.case_id).options(joinedload(Case.account, innerjoin=True))
        stopped = ctx.session.scalars(rows).one_or_none()
    mine = own_timer(ctx, case, lock=True)
    if mine is None:
        place = CaseLocation.of(case).columns()
        mine = CaseTimer(**place, staff_id=ctx.actor.staff_id, seconds=0, began_at=ctx.now)
        ctx.session.add(mine)
    mine.started_at = ctx.now
    ctx.session.flush()
    return stopped


def stop_timer(ctx: Context, case: Case) -> CaseTimer:
    """Stop the actor's timer of *case*; it keeps what it measured until they save or discard it. Raises Refused if
    there is none."""
    _check_case(ctx, case)
    mine = own_timer(ctx, case, lock=True)
    if mine is None:
        raise Refused(_("No timer of yours runs on this case"))
    _stop(ctx, mine)
    ctx.session.flush()
    return mine


def discard_timer(ctx: Context, case: Case) -> None:
    """Forget what the actor's timer of *case* measured, if there is one."""
    _check_case(ctx, case)
    own = (CaseTimer.case_id == case.id, CaseTimer.staff_id == ctx.actor.staff_id)
    ctx.session.execute(delete(CaseTimer).where(*own))


def carry_time(ctx: Context, case: Case, target: Case) -> None:
    """Move entries and timers of *case* to *target*, in which it continues. Who has a timer of both keeps the time of
    both in one."""
    with as_system(ctx) as inner:
        session = inner.session
        entries = select(TimeEntry).where(TimeEntry.case_id == case.id).order_by(TimeEntry.id).with_for_update()
        for entry in session.scalars(entries.execution_options(populate_existing=True)).all():
            entry.case_id = target.id
        both = select(CaseTimer).where(CaseTimer.case_id.in_([case.id, target.id])).order_by(CaseTimer.id)
        locked = both.with_for_update().execution_options(populate_existing=True)
        timers = session.scalars(locked).all()
        there = {timer.staff_id: timer for timer in timers if timer.case_id == target.id}
        for timer in timers:
            if timer.case_id == target.id:
                continue
            kept = there.get(timer.staff_id)
            if kept is None:
                timer.case_id = target.id
                continue
            started = timer.started_at or kept.started_at
            seconds = measured_seconds(timer.seconds + kept.seconds, None, inner.now)
            began = min(timer.began_at, kept.began_at)
            session.delete(timer)
            session.flush()
            kept.seconds, kept.started_at, kept.began_at = seconds, started, began
        session.flush()


def _stop(ctx: Context, timer: CaseTimer) -> None:
    timer.seconds, timer.started_at = measured_seconds(timer.seconds, timer.started_at, ctx.now), None
    ctx.session.flush()


def _check_case(ctx: Context, case: Case) -> None:
    require(ctx.actor, Permission.CASE_ANSWER, case)
    check_not_redirected(case)


def _check_entry(ctx: Context, case: Case, entry: TimeEntry) -> None:
    _check_case(ctx, case)
    if not may_change(ctx, entry):
        raise Forbidden


def _check_facts(facts: TimeFacts, today: dt.date, oldest: dt.date | None = None) -> None:
    if not facts.text.strip():
        raise Refused(_("Write what was done"), "text")
    if facts.worked_on > today:
        raise Refused(_("Choose a day that has come"), "day")
    if facts.worked_on < min(today - OLDEST, oldest or today):
        raise Refused(_("Choose a day within the last year"), "day")
