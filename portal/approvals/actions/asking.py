"""Asking for a yes: the request, its steps, the people who are let into the case, and the marker of the case."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from portal.approvals.engine.conditions import RuleSubject
from portal.approvals.engine.steps import SeatAnswer, Standing, StepOutcome, evaluate, parse_steps
from portal.approvals.models import ApprovalAnswer, ApprovalRequest
from portal.approvals.queries.approvers import (
    GRANT,
    AskedStep,
    Readers,
    able_now,
    people_of_steps,
    readers_among,
    seats_of_steps,
)
from portal.approvals.queries.requests import answers_of, latest_request, next_number, requests_of
from portal.approvals.queries.rules import ActiveRule, active_rules, matching_rules
from portal.approvals.rules import ApprovalState, event_name, next_wake
from portal.cases.actions.people import admit
from portal.cases.actions.transitions import touch
from portal.cases.models import Case, CaseLocation, RequestType
from portal.cases.queries.interface import request_answers, request_fields
from portal.cases.queries.people import visibility_facts
from portal.cases.queries.severity_levels import level_name
from portal.identity.models import User
from portal.kernel import ids, outbox
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.events import record
from portal.kernel.system_context import as_system
from portal.tenants.models import Environment

# The kind of due work that reminds people of an open request, and ends it when its time is over.
DUE = "approval"


@dataclass(frozen=True, slots=True)
class Asking:
    """What a new request asks, of whom, and what happens meanwhile."""

    steps: Sequence[AskedStep]
    rules: Sequence[ActiveRule] = ()
    question: str = ""
    internal: bool = False
    pauses: bool = True
    due_hours: int | None = None
    remind_hours: int = 24


def facts_of(ctx: Context, case: Case) -> dict[str, Any]:
    """What of *case* a yes is about (`engine.facts`), read now. Two statements."""
    type_name = ctx.session.scalar(select(RequestType.name).where(RequestType.id == case.request_type_id))
    environment = None
    if case.environment_id is not None:
        environment = ctx.session.scalar(select(Environment.name).where(Environment.id == case.environment_id))
    numbers = numbers_of(ctx, case) if asks_for_numbers(ctx) else ()
    return {
        **{f"number:{one.key}": [one.value, one.value, dict(one.label)] for one in numbers},
        "subject": case.subject,
        "request_type": [str(case.request_type_id), type_name or ""],
        "environment": [str(case.environment_id or ""), environment or ""],
        "severity": [case.severity, level_name(ctx, case.severity)],
    }


def condition_facts(ctx: Context, case: Case) -> RuleSubject:
    """What of *case* the conditions of rules read."""
    kind = ""
    if case.environment_id is not None:
        kind = ctx.session.scalar(select(Environment.kind).where(Environment.id == case.environment_id)) or ""
    numbers = numbers_of(ctx, case) if asks_for_numbers(ctx) else ()
    amounts = {one.key: Decimal(str(one.value)) for one in numbers}
    return RuleSubject(case.organization_id, case.account_id, case.request_type_id, kind, case.severity, amounts)


def asks_for_numbers(ctx: Context) -> bool:
    """Whether a rule reads the number of a field of a request type."""
    return any(one.condition.field_key for one in active_rules(ctx))


def numbers_of(ctx: Context, case: Case) -> list[request_answers.Answer]:
    """The numbers among the answers to the form of *case*, read now. One statement."""
    stored = ctx.session.scalar(select(Case.answers).where(Case.id == case.id))
    return [one for one in request_answers.load_answers(stored) if one.kind == request_fields.NUMBER and one.value]


def requesters_of(case: Case, row: ApprovalRequest | None = None) -> frozenset[Id]:
    """Who never says yes to *case*: its reporter, its contact, and of a request by hand whoever asked."""
    asked = {row.asked_by_id} if row is not None and row.question and row.asked_by_id else set()
    return frozenset({case.reported_by_id, case.contact_user_id, *asked})


def rule_steps(
    ctx: Context,
    found: Iterable[ActiveRule],
    organization_id: Id,
    account_id: Id,
    environment_id: Id | None,
    requesters: frozenset[Id],
    contact_user_id: Id | None,
) -> list[AskedStep]:
    """The steps of *found* one after the other; the same people in the same way are asked once. Call it as the
    system."""
    wanted = [step for rule in found for step in rule.steps]
    steps = seats_of_steps(
        ctx, wanted, organization_id, account_id, environment_id, contact_user_id=contact_user_id, without=requesters
    )
    return list(dict.fromkeys(steps))


def ask_by_rules(ctx: Context, case: Case, found: Sequence[ActiveRule], *, approved: Any = None) -> ApprovalRequest:
    """Ask for the yes that the rules *found* need about *case*; records `approval.asked`. *approved*: the facts that
    somebody had approved before. The caller holds the lock of the case, or opens it."""
    with as_system(ctx) as inner:
        steps = rule_steps(
            inner,
            found,
            case.organization_id,
            case.account_id,
            case.environment_id,
            requesters_of(case),
            case.contact_user_id,
        )
    due = [rule.due_hours for rule in found if rule.due_hours]
    reminders = [rule.remind_hours for rule in found if rule.remind_hours]
    asking = Asking(
        steps,
        found,
        pauses=any(rule.pauses for rule in found),
        due_hours=min(due, default=None),
        remind_hours=min(reminders, default=0),
    )
    return ask(ctx, case, asking, approved=approved)


def ask(ctx: Context, case: Case, asking: Asking, *, approved: Any = None) -> ApprovalRequest:
    """Store a request, let its approvers into the case, mark the case, and plan reminders and the end; records
    `approval.asked` (facts: request, pauses, names, again), and `approval.stuck` where nobody can answer."""
    with as_system(ctx) as inner:
        row = ApprovalRequest(
            id=ids.new_id(),
            **CaseLocation.of(case).columns(),
            number=next_number(inner, case),
            internal=asking.internal,
            state=ApprovalState.ASKED.value,
            question=asking.question,
            rules=[{"id": str(rule.id), "name": rule.name} for rule in asking.rules],
            steps=[step.data() for step in asking.steps],
            step=0,
            waiting_ids=[],
            stuck=False,
            facts=facts_of(inner, case),
            approved_facts=approved,
            pauses=asking.pauses and not asking.internal,
            remind_hours=asking.remind_hours,
            due_at=ctx.now + dt.timedelta(hours=asking.due_hours) if asking.due_hours else None,
            asked_at=ctx.now,
            asked_by_id=ctx.actor.user_id,
            told_at=ctx.now,
            reminders=0,
            end_reason="",
            reason="",
            version=1,
        )
        inner.session.add(row)
        inner.session.flush()
    standing = let_in_and_evaluate(ctx, case, row, new_from=0)
    mark_case(ctx, case, row)
    plan(ctx, row)
    record_of(ctx, "asked", row, case, pauses=row.pauses, names=seat_names(row, standing), again=bool(approved))
    note_if_stuck(ctx, case, row, standing)
    return row


def let_in_and_evaluate(
    ctx: Context, case: Case, row: ApprovalRequest, *, new_from: int | None = None, also: Sequence[Id] = ()
) -> Standing:
    """Evaluate *row*, store whom it waits for, and let the people of a step that begins into the case.

    Steps from *new_from* on (without it those after the present one) have not begun: whoever is asked in one is let in
    by name when it begins; *also* are people whom the present step asks from now on. Nobody is let in again whom
    somebody took off the case. Exclusions beat this: whoever must not see the case is not asked.
    """
    first_new = row.step + 1 if new_from is None else new_from
    with as_system(ctx) as inner:
        requesters = requesters_of(case, row)
        newly = [*people_of_steps(row.steps[first_new:]), *also]
        facts = visibility_facts(inner, case)
        readers = readers_among(inner, facts, [one for one in newly if one not in requesters], on_desk=row.internal)
        able = able_now(inner, facts, people_of_steps(row.steps), on_desk=row.internal)
        standing = evaluate_request(inner, case, row, able | readers.able)
        begins = standing.step >= first_new and standing.step < len(row.steps)
        asked = people_of_steps([row.steps[standing.step]]) if begins else list(also)
        _admit_people(ctx, inner, case, asked, readers)
        # Who can only be let in by a later step does not answer in this one.
        standing = evaluate_request(inner, case, row, able | (readers.able & frozenset(asked)))
    store_standing(ctx, row, standing)
    return standing


def _admit_people(ctx: Context, inner: Context, case: Case, people: Sequence[Id], readers: Readers) -> None:
    """Give those of *people* whom nothing else admits the case by name. In the history the actor of *ctx* did it."""
    has_grant = {grant.user_id for grant in case.grants}
    for user_id in people:
        if user_id in readers.admitted and user_id not in has_grant:
            admit(ctx, case, inner.session.get_one(User, user_id), GRANT, asked=True)


def evaluate_request(ctx: Context, case: Case, row: ApprovalRequest, able: frozenset[Id]) -> Standing:
    """What the answers to *row* come to now. Call it as the system."""
    given = [SeatAnswer(one.step, one.user_id, one.seat_id, one.approves) for one in answers_of(ctx, row)]
    return evaluate(parse_steps(row.steps), given, requesters_of(case, row), able)


def able_for(ctx: Context, case: Case, row: ApprovalRequest) -> frozenset[Id]:
    """Those of the people of *row* who can load the case as it is. Call it as the system."""
    return able_now(ctx, visibility_facts(ctx, case), people_of_steps(row.steps), on_desk=row.internal)


def store_standing(ctx: Context, row: ApprovalRequest, standing: Standing) -> None:
    """Store the step and whom *row* waits for."""
    with as_system(ctx) as inner:
        row.step, row.waiting_ids = standing.step, standing.people()
        row.stuck = standing.outcome is StepOutcome.STUCK
        row.version += 1
        inner.session.flush()


def mark_case(ctx: Context, case: Case, row: ApprovalRequest) -> None:
    """Set the marker of *case* to the state of *row*; requests to colleagues leave none. Everybody who looks at the
    case sees that it changed."""
    with as_system(ctx) as inner:
        if not row.internal:
            case.approval = row.state if row.state in ("asked", "approved", "refused") else ""
        touch(ctx, case, public=not row.internal)
        inner.session.flush()


def plan(ctx: Context, row: ApprovalRequest) -> None:
    """Plan the next reminder, or the end, of *row*; nothing for one that has ended."""
    at = None
    if row.state == ApprovalState.ASKED:
        at = next_wake(row.due_at, row.told_at, row.remind_hours, row.reminders)
    if at is None:
        outbox.unschedule(ctx.session, ctx.provider_id, DUE, row.id)
    else:
        outbox.schedule(ctx.session, ctx.provider_id, DUE, row.id, at)


def end(
    ctx: Context, case: Case, row: ApprovalRequest, state: ApprovalState, *, reason: str = "", end_reason: str = ""
) -> None:
    """End an open request: nobody is asked any more. The caller records why."""
    with as_system(ctx) as inner:
        row.state, row.ended_at, row.ended_by_id = state.value, ctx.now, ctx.actor.user_id
        row.reason, row.end_reason = reason, end_reason
        row.waiting_ids, row.stuck = [], False
        row.version += 1
        inner.session.flush()
    mark_case(ctx, case, row)
    plan(ctx, row)


def record_of(ctx: Context, verb: str, row: ApprovalRequest, case: Case, /, **facts: Any) -> None:
    """Record the event of *verb* about *row*."""
    record(ctx, event_name(verb, internal=row.internal), row, case=case, request=str(row.id), **facts)


def note_if_stuck(ctx: Context, case: Case, row: ApprovalRequest, standing: Standing, *, was: bool = False) -> None:
    """Tell staff, once, that nobody is left who may answer *row*; records `approval.stuck`."""
    if standing.outcome is StepOutcome.STUCK and not was:
        record_of(ctx, "stuck", row, case)


def seat_names(row: ApprovalRequest, standing: Standing) -> list[str]:
    """The names of the approvers whom *row* waits for."""
    if standing.step >= len(row.steps):
        return []
    waiting = {str(one) for one in standing.people()}
    found: list[str] = []
    for seat in row.steps[standing.step]["seats"]:
        if seat["id"] in waiting:
            found.append(str(seat["name"]))
        elif seat.get("deputy") in waiting:
            found.append(str(seat["deputy_name"]))
    return list(dict.fromkeys(found))


def new_answer(
    ctx: Context, row: ApprovalRequest, seat_id: uuid.UUID, *, approves: bool, reason: str
) -> ApprovalAnswer:
    """An answer of the actor for the seat *seat_id* of the present step."""
    return ApprovalAnswer(
        **CaseLocation(row.provider_id, row.organization_id, row.account_id, row.case_id).columns(),
        request_id=row.id,
        internal=row.internal,
        step=row.step,
        user_id=ctx.actor.user_id,
        seat_id=seat_id,
        name=ctx.actor.name,
        approves=approves,
        reason=reason,
        channel=ctx.channel,
        answered_at=ctx.now,
    )


def last_request(ctx: Context, case: Case) -> ApprovalRequest | None:
    """The last request of *case* by rules, internal ones left out, read as the system."""
    with as_system(ctx) as inner:
        return latest_request(inner, case)


def rules_for(ctx: Context, case: Case) -> list[ActiveRule]:
    """The rules that ask about *case* now."""
    with as_system(ctx) as inner:
        return matching_rules(inner, condition_facts(inner, case))


def approved_facts(ctx: Context, case: Case) -> dict[str, Any] | None:
    """The facts of *case* to which somebody said yes last; None where nobody has yet."""
    with as_system(ctx) as inner:
        rows = requests_of(inner, case)
    found = next((row.facts for row in rows if row.state == ApprovalState.APPROVED and not row.question), None)
    return dict(found) if found is not None else None
