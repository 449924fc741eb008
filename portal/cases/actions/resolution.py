"""The end of a case: support resolves, the customer accepts or rejects, either side closes, a timer closes."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from portal.attachments import actions as attachments
from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases.actions.conversation import check_version
from portal.cases.actions.other_clients import check_other_clients
from portal.cases.actions.transitions import (
    AUTO_CLOSE,
    CLOSING_SOON,
    add_message,
    begin_step,
    check_not_redirected,
    enter_state,
    find_earlier_message,
    touch,
)
from portal.cases.models import Case, Message
from portal.cases.queries import joins
from portal.cases.rules import counts_for, may_close, tier_after_rejection
from portal.cases.states import State
from portal.kernel import mail
from portal.kernel.confirmation import SendAnyway
from portal.kernel.context import Context
from portal.kernel.errors import Forbidden, Refused
from portal.kernel.events import record
from portal.kernel.outbox import schedule

WARNING = dt.timedelta(hours=24)
# The interval at which a case that could close looks for mailboxes that have not been read.
MAILBOX_PAUSE = dt.timedelta(minutes=5)


def resolve(
    ctx: Context,
    case: Case,
    *,
    solution: str,
    check: str = "",
    staged: Sequence[uuid.UUID] = (),
    idempotency_key: str | None = None,
    expected_version: int | None = None,
    answers: Mapping[str, str] | None = None,
    anyway: SendAnyway | None = None,
) -> Message:
    """Add the solution and how to check it; records `case.resolved` (fact: message).

    The case closes automatically after the provider's hours. *answers* are for preconditions of later features.
    """
    if (earlier := find_earlier_message(ctx, case, idempotency_key)) is not None:
        return earlier
    begin_step(ctx, case, "resolve", answers)
    check_version(case, expected_version)
    files = attachments.claim(ctx, staged)
    message = add_message(
        ctx,
        case,
        "resolution",
        solution,
        check=check if check.strip() else "",
        files=files,
        idempotency_key=idempotency_key,
        anyway=anyway,
    )
    enter_state(ctx, case, State.RESOLVED)
    case.resolved_at = ctx.now
    case.auto_close_at = ctx.now + dt.timedelta(hours=ctx.provider.auto_close_hours)
    schedule(ctx.session, ctx.provider_id, AUTO_CLOSE, case.id, case.auto_close_at)
    if case.auto_close_at - WARNING > ctx.now:
        schedule(ctx.session, ctx.provider_id, CLOSING_SOON, case.id, case.auto_close_at - WARNING)
    record(ctx, "case.resolved", case, case=case, message=str(message.id))
    return message


def accept(ctx: Context, case: Case) -> None:
    """Accept the solution as the customer. Records `case.accepted` where the case closes by it.

    While the contact's side or another affected person has not answered yet it stays resolved, and `case.confirmed` is
    recorded, once for each person. Raises Conflict if the case is not resolved.
    """
    begin_step(ctx, case, "accept")
    before = joins.answers_of(ctx, case)
    if can(ctx.actor, Permission.CASE_CLOSE, case) and not counts_for(case.accepted_at, case.resolved_at):
        case.accepted_at = ctx.now
    for grant in case.grants:
        if grant.kind == "affected" and grant.user_id == ctx.actor.user_id:
            grant.accepted_at = ctx.now
    ctx.session.flush()
    after = joins.answers_of(ctx, case)
    if not after.all_accepted:
        if after != before:
            touch(ctx, case, public=False)
            record(ctx, "case.confirmed", case, case=case)
        return
    _close(ctx, case, "contact")
    record(ctx, "case.accepted", case, case=case)


def reject(
    ctx: Context, case: Case, *, reason: str, staged: Sequence[uuid.UUID] = (), idempotency_key: str | None = None
) -> Message:
    """Reject the solution as the customer, with a reason; the second rejection raises the tier.

    Records `case.rejected` (facts: message, tier if it rose). Raises Conflict if somebody decided already.
    """
    if (earlier := find_earlier_message(ctx, case, idempotency_key)) is not None:
        return earlier
    begin_step(ctx, case, "reject")
    if not ctx.provider.customer_decides:
        raise Refused(_("Reopen the case and write what is still wrong"), "reason")
    message = add_message(
        ctx, case, "rejection", reason, files=attachments.claim(ctx, staged), idempotency_key=idempotency_key
    )
    enter_state(ctx, case, State.OPEN)
    case.rejected_count += 1
    case.reopened_count += 1
    tier = tier_after_rejection(case.tier, case.rejected_count)
    facts: dict[str, Any] = {"tier": [case.tier, tier]} if tier != case.tier else {}
    case.tier = tier
    record(ctx, "case.rejected", case, case=case, message=str(message.id), **facts)
    return message


def close(
    ctx: Context,
    case: Case,
    *,
    reason: str = "",
    answers: Mapping[str, str] | None = None,
    anyway: SendAnyway | None = None,
) -> None:
    """Close an unresolved case from either side; records `case.closed` (fact: reason). Raises ReasonNeeded as
    `add_message`."""
    begin_step(ctx, case, "close", answers)
    if not may_close(ctx.provider.who_closes, str(ctx.actor.side)):
        raise Forbidden(_("Only the other side can close cases here."))
    check_not_redirected(case)
    if reason.strip():
        check_other_clients(ctx, case, reason, anyway=anyway)
    _close(ctx, case, str(ctx.actor.side))
    record(ctx, "case.closed", case, case=case, reason=reason[:2000])


def auto_close(ctx: Context, case: Case) -> bool:
    """Close a resolved case whose time has come; records `case.auto_closed`; returns whether it closed.

    A case that was rejected, reopened or postponed since the timer was set is left alone. It waits until every mailbox
    has been read past the due moment, because an answer of before may lie in one.
    """
    if case.state != State.RESOLVED or case.auto_close_at is None or case.auto_close_at > ctx.now:
        return False
    if mail.is_reading_behind(ctx, case.auto_close_at):
        schedule(ctx.session, ctx.provider_id, AUTO_CLOSE, case.id, ctx.now + MAILBOX_PAUSE)
        return False
    _close(ctx, case, "system")
    record(ctx, "case.auto_closed", case, case=case)
    return True


def _close(ctx: Context, case: Case, by: str) -> None:
    enter_state(ctx, case, State.CLOSED)
    case.closed_at, case.closed_by = ctx.now, by
    touch(ctx, case)
