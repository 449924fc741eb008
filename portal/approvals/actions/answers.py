"""Answers to requests, and what people do with a request: withdraw it, ask again, ask by hand, name somebody."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from portal.approvals.actions import asking
from portal.approvals.actions.asking import Asking
from portal.approvals.engine.steps import Mode, StepOutcome
from portal.approvals.models import ApprovalRequest
from portal.approvals.queries.approvers import AskedSeat, AskedStep, actors_of, readers_among
from portal.approvals.queries.requests import latest_request
from portal.approvals.queries.views import may_ask_again, may_withdraw
from portal.approvals.refusals import ended_sentence
from portal.approvals.rules import MOST_SEATS, ApprovalEnd, ApprovalState
from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.roles import CaseRole, roles_with
from portal.cases.models import Case
from portal.cases.queries.people import visibility_facts
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Forbidden, NotFound, Refused
from portal.kernel.system_context import as_system


def answer(ctx: Context, case: Case, *, approves: bool, reason: str = "") -> ApprovalRequest:
    """Say yes or no to the open request of *case*, as its approver or as a deputy.

    Records `approval.answered`, or what it decides: `approval.approved` or `approval.refused`; `approval.continued` for
    the next step. Raises Conflict for a request that has ended or that the actor has answered, Forbidden for anybody
    who is not asked, and Refused (field reason) for a no without a reason. The caller holds the lock of the case.
    """
    row = _open_request(ctx, case)
    with as_system(ctx) as inner:
        standing = asking.evaluate_request(inner, case, row, asking.able_for(inner, case, row))
    user_id = ctx.actor.user_id
    if user_id is None or not standing.may_answer(user_id):
        raise _why_not(ctx, case, row)
    if not approves and not reason.strip():
        raise Refused(_("Write why you refuse: the person who asked reads it"), "reason")
    seat_id = standing.seat_of(user_id) or user_id
    row.step = standing.step
    given = asking.new_answer(ctx, row, seat_id, approves=approves, reason=reason)
    with as_system(ctx) as inner:
        inner.session.add(given)
        inner.session.flush()
    seat_name = _seat_name(row, seat_id) if seat_id != user_id else ""
    _settle(ctx, case, row, approves=approves, reason=reason, seat_name=seat_name, step=standing.step)
    return row


def _settle(
    ctx: Context, case: Case, row: ApprovalRequest, *, approves: bool, reason: str, seat_name: str, step: int
) -> None:
    """Follow an answer: the request ends, reaches its next step, or goes on waiting."""
    was_stuck = row.stuck
    standing = asking.let_in_and_evaluate(ctx, case, row)
    facts = {"approves": approves, "reason": reason, "seat_name": seat_name}
    if standing.outcome is StepOutcome.APPROVED:
        asking.end(ctx, case, row, ApprovalState.APPROVED)
        asking.record_of(ctx, "approved", row, case, **facts)
    elif standing.outcome is StepOutcome.REFUSED:
        asking.end(ctx, case, row, ApprovalState.REFUSED, reason=reason)
        asking.record_of(ctx, "refused", row, case, **facts)
    else:
        asking.record_of(ctx, "answered", row, case, **facts)
        if standing.step != step:
            with as_system(ctx):
                row.told_at, row.reminders = ctx.now, 0
            asking.plan(ctx, row)
            asking.record_of(ctx, "continued", row, case, names=asking.seat_names(row, standing))
        asking.note_if_stuck(ctx, case, row, standing, was=was_stuck)


def withdraw(ctx: Context, case: Case, *, reason: str = "") -> ApprovalRequest:
    """Take the open request back; records `approval.withdrawn`. Forbidden for people of the client who did not open the
    case, Conflict for a request that has ended."""
    row = _open_request(ctx, case)
    if not may_withdraw(ctx, case, row):
        raise Forbidden(_("Only who opened the case, its contact and support can do this."), _REQUESTERS)
    asking.end(ctx, case, row, ApprovalState.WITHDRAWN, reason=reason, end_reason=ApprovalEnd.PERSON.value)
    asking.record_of(ctx, "withdrawn", row, case, reason=reason)
    return row


def ask_again(ctx: Context, case: Case) -> ApprovalRequest:
    """Ask again for the yes that the rules need now; records `approval.asked`. Conflict where one is asked for already,
    Refused where no rule needs one any more."""
    row = latest_request(ctx, case, lock=True)
    if row is None:
        raise NotFound
    if row.state == ApprovalState.ASKED:
        raise Conflict(_("It was asked again already."))
    if not may_ask_again(ctx, case, row):
        raise Forbidden(_("Only who opened the case, its contact and support can do this."), _REQUESTERS)
    found = asking.rules_for(ctx, case)
    if not found:
        raise Refused(_("This case needs no yes any more"))
    return asking.ask_by_rules(ctx, case, found, approved=asking.approved_facts(ctx, case))


@dataclass(frozen=True, slots=True)
class HandAsking:
    """What staff asks by hand: a question, of people of the client or of colleagues, and how many must say yes."""

    question: str
    people: Sequence[Id]
    internal: bool = False
    mode: Mode = Mode.ONE
    needed: int = 1
    pauses: bool = False
    due_hours: int | None = None
    remind_hours: int = 24


def ask_by_hand(ctx: Context, case: Case, wish: HandAsking) -> ApprovalRequest:
    """Ask people of the client, or colleagues of the desk, for their yes; records `approval.asked`. Refused (field
    people) for nobody, and for people who must not see the case; Conflict where the case waits for a yes already."""
    require(ctx.actor, Permission.CASE_ANSWER, case)
    if not case.unresolved:
        raise Conflict(_("The case has ended. Reopen it first."))
    last = latest_request(ctx, case, lock=True)
    if last is not None and last.state == ApprovalState.ASKED:
        raise Conflict(_("The case waits for a yes already. Withdraw that question first."))
    seats = _seats(ctx, case, wish.people, internal=wish.internal)
    if wish.mode is Mode.COUNT and wish.needed > len(seats):
        raise Refused(_("Fewer people are chosen than must say yes"), "needed")
    step = AskedStep(wish.mode, wish.needed, tuple(seats))
    return asking.ask(
        ctx,
        case,
        Asking(
            [step],
            question=wish.question,
            internal=wish.internal,
            pauses=wish.pauses,
            due_hours=wish.due_hours,
            remind_hours=wish.remind_hours,
        ),
    )


def add_approver(ctx: Context, case: Case, person_id: Id) -> ApprovalRequest:
    """Ask one more person of the same side in the present step; records `approval.approver_added`. For requests that
    nobody is left to answer, and for people who are away. Refused (field approver) for somebody who cannot be asked."""
    require(ctx.actor, Permission.CASE_ANSWER, case)
    row = _open_request(ctx, case)
    seat = _seats(ctx, case, [person_id], internal=row.internal, field="approver")[0]
    was_stuck = row.stuck
    with as_system(ctx) as inner:
        # A rule may have found nobody at all.
        steps = [*row.steps] or [AskedStep(Mode.ONE, 1, ()).data()]
        step = dict(steps[row.step])
        able = asking.able_for(inner, case, row)
        present = next((one for one in step["seats"] if one["id"] == str(seat.id)), None)
        if present is not None and _is_answerable(present, able, row):
            raise Refused(_("That person is asked already"), "approver")
        if len(step["seats"]) >= MOST_SEATS:
            raise Refused(_("So many people cannot be asked at once"), "approver")
        # Where nobody is left, those who cannot answer any more are not waited for; somebody taken off the case can be
        # asked anew.
        others = [one for one in step["seats"] if one is not present]
        kept = [one for one in others if not was_stuck or _is_answerable(one, able, row)]
        step["seats"] = [*kept, seat.data()]
        steps[row.step] = step
        row.steps = steps
        row.told_at, row.reminders = ctx.now, 0
        inner.session.flush()
    standing = asking.let_in_and_evaluate(ctx, case, row, also=[seat.id])
    asking.plan(ctx, row)
    asking.record_of(ctx, "approver_added", row, case, names=[seat.name], user=str(seat.id))
    asking.note_if_stuck(ctx, case, row, standing, was=was_stuck)
    return row


def _is_answerable(seat: dict[str, str], able: frozenset[Id], row: ApprovalRequest) -> bool:
    """Whether *seat* was answered, or somebody can still answer it."""
    known = {str(one) for one in able}
    given = {str(one.seat_id) for one in row.answers if one.step == row.step}
    return seat["id"] in given or seat["id"] in known or seat.get("deputy") in known


def _open_request(ctx: Context, case: Case) -> ApprovalRequest:
    """The open request of *case*, locked. NotFound without one that the actor sees, Conflict for one that has ended."""
    row = latest_request(ctx, case, lock=True)
    if row is None:
        raise NotFound
    if row.state != ApprovalState.ASKED:
        raise Conflict(ended_sentence(row))
    return row


def _why_not(ctx: Context, case: Case, row: ApprovalRequest) -> Exception:
    """Why the actor may not answer *row*."""
    if any(one.user_id == ctx.actor.user_id and one.step == row.step for one in row.answers):
        return Conflict(_("You have answered already."))
    if ctx.actor.user_id in asking.requesters_of(case, row):
        return Forbidden(_("Who wants something cannot approve it: somebody else must say yes."))
    return Forbidden(_("You are not asked for your yes to this case."))


_REQUESTERS = (*(str(role) for role in (CaseRole.REPORTER, CaseRole.CONTACT)), *roles_with(Permission.CASE_ANSWER))


def _seat_name(row: ApprovalRequest, seat_id: Id) -> str:
    return next((str(one["name"]) for one in row.steps[row.step]["seats"] if one["id"] == str(seat_id)), "")


def _seats(ctx: Context, case: Case, people: Sequence[Id], *, internal: bool, field: str = "people") -> list[AskedSeat]:
    """The seats of *people*, who can see the case once they are asked. Refused (on *field*) for nobody and for anybody
    else."""
    wanted = list(dict.fromkeys(people))
    if not wanted:
        raise Refused(_("Choose who must say yes"), field)
    if len(wanted) > MOST_SEATS:
        raise Refused(_("So many people cannot be asked at once"), field)
    requesters = {case.reported_by_id, case.contact_user_id, *([ctx.actor.user_id] if ctx.actor.user_id else [])}
    if requesters & set(wanted):
        raise Refused(_("Who wants something cannot approve it. Choose somebody else"), field)
    with as_system(ctx) as inner:
        facts = visibility_facts(inner, case)
        found = actors_of(inner, wanted, on_desk=internal)
        able = readers_among(inner, facts, wanted, on_desk=internal).able
    if set(wanted) - able:
        raise Refused(_("One of these people must not or cannot see this case. Choose somebody else"), field)
    return [AskedSeat(one, found[one].name) for one in wanted]
