"""Reopening of resolved and closed cases: the case itself, a linked new case, or a refusal."""

import datetime as dt
import uuid
from collections.abc import Sequence

from flask_babel import gettext as _

from portal.attachments import actions as attachments
from portal.cases.actions import people
from portal.cases.actions.links import apply_floor, copy_case, link_cases
from portal.cases.actions.opening import allot_number, find_earlier_case
from portal.cases.actions.transitions import add_message, begin_step, enter_state, find_earlier_message
from portal.cases.models import Case, RequestType
from portal.cases.states import State
from portal.kernel.confirmation import SendAnyway
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record


def reopening_outcome(ctx: Context, case: Case) -> str:
    """'reopen' or 'new_case', by the provider's rule for closed cases and its number of days.

    Raises Refused if the rule forbids both, and for a new case of an organization to which the actor, who was only let
    into the closed one, does not belong. Staff always reopen.
    """
    if case.state != State.CLOSED or not ctx.actor.is_contact:
        return "reopen"
    policy, days = ctx.provider.after_close, ctx.provider.reopen_days
    if policy == "refuse":
        raise Refused(_("This case is permanently closed. Open a new one and mention its number."), "body")
    late = days is not None and case.closed_at is not None and ctx.now > case.closed_at + dt.timedelta(days=days)
    if policy != "new_case" and not late:
        return "reopen"
    if case.organization_id not in ctx.actor.memberships:
        raise Refused(_("This case is closed. Ask somebody at the company to open a new one."), "body")
    return "new_case"


def leads_to_new_case(ctx: Context, case: Case) -> bool:
    """Whether reopening *case* opens a linked new case instead, by the provider's rule."""
    try:
        return reopening_outcome(ctx, case) == "new_case"
    except Refused:
        return False


def reopen(
    ctx: Context,
    case: Case,
    *,
    reason: str,
    staged: Sequence[uuid.UUID] = (),
    idempotency_key: str | None = None,
    anyway: SendAnyway | None = None,
) -> Case:
    """Reopen the case with a public reply; records `case.reopened`; returns the case that continues, which is a linked
    new case if the provider's rule requires it.
    """
    begin_step(ctx, case, "reopen")
    if find_earlier_message(ctx, case, idempotency_key) is not None:
        return case
    if reopening_outcome(ctx, case) == "new_case":
        return follow_up(ctx, case, body=reason, staged=staged, idempotency_key=idempotency_key)
    if case.merged_into_id or case.moved_to_id:
        raise Refused(_("This case continues under another number. Write there."), "reason")
    files = attachments.claim(ctx, staged)
    message = add_message(ctx, case, "reply", reason, files=files, idempotency_key=idempotency_key, anyway=anyway)
    enter_state(ctx, case, State.OPEN)
    case.reopened_count += 1
    record(ctx, "case.reopened", case, case=case, message=str(message.id), reason=reason[:2000])
    return case


def follow_up(
    ctx: Context,
    case: Case,
    *,
    body: str,
    staged: Sequence[uuid.UUID],
    idempotency_key: str | None,
    quoted: str = "",
) -> Case:
    """Open a case for the same people and place, linked to the closed *case*; records `case.submitted` (fact:
    follow_up).
    """
    earlier = find_earlier_case(ctx, idempotency_key)
    if earlier is not None:
        return earlier
    request_type = ctx.session.get(RequestType, case.request_type_id)
    new = copy_case(ctx, case, description=body, idempotency_key=idempotency_key)
    new.department_id = request_type.department_id if request_type else case.department_id
    new.quoted = quoted or None
    apply_floor(ctx, new, case.account)
    ctx.session.add(new)
    ctx.session.flush()
    people.carry_exclusions(ctx, case, new)
    attachments.attach(ctx, attachments.claim(ctx, staged), new, message_id=None, internal=False)
    link_cases(ctx, case, new, "follow_up")
    record(
        ctx,
        "case.submitted",
        new,
        case=new,
        on_behalf=new.on_behalf,
        notify=True,
        severity=new.severity,
        follow_up=str(case.id),
    )
    allot_number(ctx, new)
    return new
