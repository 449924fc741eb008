"""Putting cases aside until a moment, and waking them."""

import datetime as dt
import uuid

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.actions.timers import BUSY_PAUSE
from portal.cases.actions.transitions import check_not_redirected
from portal.cases.models import Case, CaseLocation
from portal.kernel import ids
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record
from portal.kernel.outbox import schedule, unschedule
from portal.kernel.system_context import as_system
from portal.snoozes.models import CaseSnooze

DUE = "snooze"
LONGEST = dt.timedelta(days=366)


def snooze(ctx: Context, case: Case, until: dt.datetime) -> None:
    """Put *case* aside for the actor until *until*; a second call moves the moment. Records `snooze.began` (fact:
    until). Nobody else notices, and no promise rests. Raises Refused for a moment that is over or too far away,
    Conflict for a case that has ended."""
    require(ctx.actor, Permission.CASE_NOTE, case)
    check_not_redirected(case)
    if not case.unresolved:
        raise Conflict(_("This case has ended, so there is nothing to come back to."))
    check_moment(ctx, until)
    row = insert(CaseSnooze).values(
        id=ids.new_id(),
        **CaseLocation.of(case).columns(),
        user_id=ctx.actor.user_id,
        until=until,
        snoozed_at=ctx.now,
        woken_at=None,
        why="",
    )
    again = {"until": until, "snoozed_at": ctx.now, "woken_at": None, "why": ""}
    stored = row.on_conflict_do_update(index_elements=["case_id", "user_id"], set_=again).returning(CaseSnooze.id)
    snooze_id = ctx.session.execute(stored).scalar_one()
    schedule(ctx.session, ctx.provider_id, DUE, snooze_id, until)
    record(ctx, "snooze.began", case, case=case, until=until.isoformat())


def check_moment(ctx: Context, until: dt.datetime) -> None:
    """Raise Refused for a moment that is over, or too far away."""
    if until <= ctx.now:
        raise Refused(_("Choose a moment that is still to come"), "at")
    if until > ctx.now + LONGEST:
        raise Refused(_("Choose a moment within a year"), "at")


def end_snooze(ctx: Context, case: Case) -> None:
    """Take *case* back at once; records `snooze.taken_back` if the actor had put it aside."""
    require(ctx.actor, Permission.CASE_NOTE, case)
    own = (CaseSnooze.case_id == case.id, CaseSnooze.user_id == ctx.actor.user_id, CaseSnooze.woken_at.is_(None))
    ended = ctx.session.scalar(delete(CaseSnooze).where(*own).returning(CaseSnooze.id))
    if ended is not None:
        unschedule(ctx.session, ctx.provider_id, DUE, ended)
        record(ctx, "snooze.taken_back", case, case=case)


def wake_due(ctx: Context, snooze_id: uuid.UUID) -> None:
    """Wake one snooze whose time has come, for the worker; a second call does nothing. A row that a person holds is
    tried again: they lock it before its due work, so waiting for them would be a deadlock."""
    rows = select(CaseSnooze).where(CaseSnooze.id == snooze_id, CaseSnooze.woken_at.is_(None))
    free = rows.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    row = ctx.session.scalars(free).one_or_none()
    if row is None:
        if ctx.session.scalar(rows.with_only_columns(CaseSnooze.id)) is not None:
            schedule(ctx.session, ctx.provider_id, DUE, snooze_id, ctx.now + BUSY_PAUSE)
        return
    if row.until > ctx.now:
        schedule(ctx.session, ctx.provider_id, DUE, snooze_id, row.until)
        return
    case = ctx.session.get(Case, row.case_id)
    if case is not None:
        _wake(ctx, case, row, "due")


def wake_people(ctx: Context, case: Case, why: str, user_id: Id | None = None) -> None:
    """Wake every snooze of *case* (only that of *user_id*, if given) before its time, because of *why*."""
    with as_system(ctx) as inner:
        rows = select(CaseSnooze).where(CaseSnooze.case_id == case.id, CaseSnooze.woken_at.is_(None))
        if user_id is not None:
            rows = rows.where(CaseSnooze.user_id == user_id)
        locked = rows.order_by(CaseSnooze.id).with_for_update().execution_options(populate_existing=True)
        for row in inner.session.scalars(locked).all():
            unschedule(inner.session, inner.provider_id, DUE, row.id)
            _wake(inner, case, row, why)


def forget_snoozes(ctx: Context, case: Case) -> None:
    """Delete the snoozes of a case that has ended. Records no event: there is nothing to come back to."""
    with as_system(ctx) as inner:
        gone = delete(CaseSnooze).where(CaseSnooze.case_id == case.id).returning(CaseSnooze.id)
        for snooze_id in inner.session.scalars(gone).all():
            unschedule(inner.session, inner.provider_id, DUE, snooze_id)


def _wake(ctx: Context, case: Case, row: CaseSnooze, why: str) -> None:
    """End *row*; records `snooze.ended` (facts: user, why)."""
    row.woken_at, row.why = ctx.now, why
    ctx.session.flush()
    record(ctx, "snooze.ended", case, case=case, user=str(row.user_id), why=why)
