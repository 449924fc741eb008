"""The verbs of the desk: take, route, assign, start, ask, hold, wake, severity, tier."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from portal.attachments import actions as attachments
from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.actions.conversation import check_version
from portal.cases.actions.other_clients import check_other_clients
from portal.cases.actions.transitions import (
    PROPOSE,
    REMIND,
    WAKE,
    add_message,
    begin_step,
    enter_state,
    find_earlier_message,
    touch,
)
from portal.cases.engine.question_days import QuestionDays
from portal.cases.models import Case, CaseLocation, CaseSubscription, Message, SeverityLevel
from portal.cases.queries.people import customer_readers
from portal.cases.queries.question_days import question_days
from portal.cases.queries.staff import assignable_staff
from portal.cases.states import State
from portal.identity.models import User
from portal.kernel.actor import Id
from portal.kernel.confirmation import SendAnyway
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.kernel.outbox import schedule
from portal.tenants.models import Department, StaffMember

LONGEST_HOLD = dt.timedelta(days=366)


def take(ctx: Context, case: Case) -> None:
    """Make the actor the owner; a new case becomes open. Records `case.taken`, unless the actor is the owner
    already.
    """
    begin_step(ctx, case, "take")
    if case.owner_id == ctx.actor.staff_id and case.state != State.NEW:
        return
    before = case.owner_id
    case.owner_id = ctx.actor.staff_id
    _open_if_new(ctx, case)
    record(ctx, "case.taken", case, case=case, owner=[str(before or ""), str(ctx.actor.staff_id)])


def assign(
    ctx: Context,
    case: Case,
    *,
    owner_id: Id | None,
    department_id: Id | None,
    expected_version: int | None = None,
    **facts: Any,
) -> None:
    """Set owner and department (None: nobody, none); a new case becomes open.

    Records `case.routed` when the department changes and `case.assigned` (with *facts*) when the owner does. Raises
    Refused for an owner who is not active staff, does not look after the account, or is excluded from the case.
    """
    begin_step(ctx, case, "route")
    check_version(case, expected_version)
    if owner_id is not None and owner_id != case.owner_id and owner_id not in assignable_staff(ctx, case):
        raise Refused(_("Choose somebody who looks after this account"), "owner")
    if department_id is not None:
        known = select(Department.id).where(Department.id == department_id, Department.active)
        if ctx.session.scalar(known) is None:
            raise Refused(_("Choose one of the departments"), "department")
    owner, department = case.owner_id, case.department_id
    case.department_id = department_id
    if owner_id is not None or department_id is not None:
        _open_if_new(ctx, case)
    if department != department_id:
        record(ctx, "case.routed", case, case=case, department=[str(department or ""), str(department_id or "")])
    if owner != owner_id:
        change_owner(ctx, case, owner_id, **facts)


def change_owner(ctx: Context, case: Case, owner_id: Id | None, **facts: Any) -> None:
    """Make *owner_id* the owner of *case* (None: nobody), for callers that checked it; records `case.assigned` (facts:
    owner from and to, owner_name, and *facts*)."""
    before, case.owner_id = case.owner_id, owner_id
    named = select(User.name).join(StaffMember, StaffMember.user_id == User.id).where(StaffMember.id == owner_id)
    name = ctx.session.scalar(named) if owner_id is not None else ""
    owner = [str(before or ""), str(owner_id or "")]
    record(ctx, "case.assigned", case, case=case, owner=owner, owner_name=name or "", **facts)


def _open_if_new(ctx: Context, case: Case) -> None:
    if case.state == State.NEW:
        enter_state(ctx, case, State.OPEN)
    touch(ctx, case)


def start(ctx: Context, case: Case, *, nobody_answers: bool = False) -> None:
    """Start or resume work; records `case.started`. *nobody_answers*: the case waited for an answer that cannot come
    any more."""
    begin_step(ctx, case, "start")
    enter_state(ctx, case, State.IN_PROGRESS)
    touch(ctx, case)
    facts: dict[str, Any] = {"nobody_answers": True} if nobody_answers else {}
    record(ctx, "case.started", case, case=case, **facts)


def ask(
    ctx: Context,
    case: Case,
    *,
    question: str,
    staged: Sequence[uuid.UUID] = (),
    idempotency_key: str | None = None,
    expected_version: int | None = None,
    anyway: SendAnyway | None = None,
) -> Message:
    """Ask the customer a public question and wait for the answer; records `case.asked` (fact: message). Timers remind
    them of it (`jobs.remind_of_question`).

    A case waits only for an unanswered question (DESIGN 4). Raises Refused if nobody of the customer's side can read
    it: the clock would stand still for an answer that cannot come.
    """
    if (earlier := find_earlier_message(ctx, case, idempotency_key)) is not None:
        return earlier
    begin_step(ctx, case, "ask")
    check_version(case, expected_version)
    if not question.strip():
        raise Refused(_("Write the question that the customer should answer"), "body")
    if not customer_readers(ctx, case):
        raise Refused(_("Nobody could answer: nobody on the customer's side can read this case any more"), "body")
    files = attachments.claim(ctx, staged)
    message = add_message(
        ctx, case, "reply", question, asks=True, files=files, idempotency_key=idempotency_key, anyway=anyway
    )
    enter_state(ctx, case, State.WAITING)
    schedule_reminder(ctx, case, question_days(ctx, case), ctx.now)
    record(ctx, "case.asked", case, case=case, message=str(message.id))
    return message


def hold(ctx: Context, case: Case, *, reason: str, until: dt.datetime | None, anyway: SendAnyway | None = None) -> None:
    """Put the case on hold until *until* (UTC), with a reason that the customer reads.

    A timer wakes the case at *until*. Records `case.held` (facts: reason, until). Raises ReasonNeeded as `add_message`.
    """
    begin_step(ctx, case, "hold")
    if not reason.strip():
        raise Refused(_("Write what we are waiting for"), "reason")
    if until is None or until <= ctx.now or until > ctx.now + LONGEST_HOLD:
        raise Refused(_("Choose a day within the next year to look at it again"), "until")
    check_other_clients(ctx, case, reason, anyway=anyway)
    enter_state(ctx, case, State.ON_HOLD)
    case.hold_reason, case.hold_until = reason, until
    schedule(ctx.session, ctx.provider_id, WAKE, case.id, until)
    touch(ctx, case)
    record(ctx, "case.held", case, case=case, reason=reason[:2000], until=until.isoformat())


def wake(ctx: Context, case: Case) -> None:
    """End the hold, by timer or by a person; records `case.woken`."""
    begin_step(ctx, case, "wake")
    enter_state(ctx, case, State.IN_PROGRESS)
    touch(ctx, case)
    record(ctx, "case.woken", case, case=case)


def redefine_severity(
    ctx: Context,
    case: Case,
    *,
    severity: int,
    reason: str,
    expected_version: int | None = None,
    anyway: SendAnyway | None = None,
) -> None:
    """Correct the severity, with a reason that the customer reads. The customer's choice is kept. Records
    `case.severity_changed` (facts: severity from and to, reason). Raises ReasonNeeded as `add_message`.
    """
    begin_step(ctx, case, "redefine severity")
    check_version(case, expected_version)
    if ctx.session.scalar(select(SeverityLevel.id).where(SeverityLevel.rank == severity)) is None:
        raise Refused(_("Choose one of the severities"), "severity")
    if not reason.strip():
        raise Refused(_("Write why; the customer reads it"), "reason")
    if severity == case.severity:
        raise Refused(_("The case already has this severity"), "severity")
    check_other_clients(ctx, case, reason, anyway=anyway)
    before, case.severity, case.severity_reason = case.severity, severity, reason
    touch(ctx, case)
    record(ctx, "case.severity_changed", case, case=case, severity=[before, severity], reason=reason[:2000])


def escalate(
    ctx: Context,
    case: Case,
    *,
    tier: int,
    note: str,
    owner_id: Id | None = None,
    keep_owner: str = "",
    expected_version: int | None = None,
) -> None:
    """Hand the case to another tier with an internal note; records `case.escalated` (facts: tier from and to,
    message, kept: why the owner stays).

    The owner changes too: to *owner_id*, or to nobody, so that the tier takes the case. An owner of that tier stays,
    as does one for whom *keep_owner* says why. Records `case.assigned` if the owner changes.
    """
    begin_step(ctx, case, "escalate")
    check_version(case, expected_version)
    if tier not in (1, 2, 3) or tier == case.tier:
        raise Refused(_("Choose another tier"), "tier")
    if not note.strip():
        raise Refused(_("Write what the next tier needs to know"), "note")
    if owner_id is not None and owner_id != case.owner_id and owner_id not in assignable_staff(ctx, case):
        raise Refused(_("Choose somebody who looks after this account"), "owner")
    before, case.tier = case.tier, tier
    changes_owner = owner_id is not None or not (keep_owner.strip() or _is_of_tier(ctx, case.owner_id, tier))
    message = add_message(ctx, case, "note", note)
    facts: dict[str, Any] = {"kept": keep_owner.strip()[:2000]} if keep_owner.strip() and owner_id is None else {}
    record(ctx, "case.escalated", case, case=case, tier=[before, tier], message=str(message.id), **facts)
    if changes_owner and case.owner_id != owner_id:
        change_owner(ctx, case, owner_id, handed_over=True, to_tier=tier)


def _is_of_tier(ctx: Context, staff_id: Id | None, tier: int) -> bool:
    if staff_id is None:
        return True
    found = select(StaffMember.id).where(StaffMember.id == staff_id, StaffMember.tier == tier, StaffMember.active)
    return ctx.session.scalar(found) is not None


def schedule_reminder(ctx: Context, case: Case, days: QuestionDays, asked_at: dt.datetime) -> None:
    """Let the customer be reminded of the question of *asked_at*, and support be told to resolve the case, at the next
    moments that *days* name."""
    next_reminder, proposed_at = days.next_reminder(asked_at, ctx.now), days.proposed_at(asked_at)
    if next_reminder is not None:
        schedule(ctx.session, ctx.provider_id, REMIND, case.id, next_reminder)
    if proposed_at is not None and proposed_at > ctx.now:
        schedule(ctx.session, ctx.provider_id, PROPOSE, case.id, proposed_at)


def add_follower(ctx: Context, case: Case, staff_id: Id) -> bool:
    """Let a staff member who looks after the account follow *case*, unless they follow or muted it; returns whether
    anything changed. Records `case.followed` (fact: name). Raises Refused for anybody else: following shows no case."""
    require(ctx.actor, Permission.CASE_FOLLOW, case)
    if staff_id not in assignable_staff(ctx, case):
        raise Refused(_("Choose somebody who looks after this account"), "follower")
    user = ctx.session.scalars(
        select(User).join(StaffMember, StaffMember.user_id == User.id).where(StaffMember.id == staff_id)
    ).one()
    own = (CaseSubscription.case_id == case.id, CaseSubscription.user_id == user.id)
    if ctx.session.scalar(select(CaseSubscription.id).where(*own)) is not None:
        return False
    ctx.session.add(CaseSubscription(**CaseLocation.of(case).columns(), user_id=user.id, mode="follow"))
    record(ctx, "case.followed", case, case=case, name=user.name)
    return True
