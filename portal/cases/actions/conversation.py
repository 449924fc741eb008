"""Messages of a case: the customer's reply, support's answer, the internal note."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from portal.attachments import actions as attachments
from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases.actions import people, reopening
from portal.cases.actions.transitions import (
    add_message,
    begin_step,
    check_not_redirected,
    enter_state,
    find_earlier_message,
)
from portal.cases.models import Case, Message
from portal.cases.states import AFTER_CUSTOMER_REPLY, AFTER_STAFF_REPLY, State
from portal.cases.thanks.detection import is_only_thanks
from portal.kernel.confirmation import SendAnyway
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Forbidden
from portal.kernel.events import record


def reply(
    ctx: Context,
    case: Case,
    *,
    body: str,
    cc: Sequence[str] = (),
    staged: Sequence[uuid.UUID] = (),
    idempotency_key: str | None = None,
    occurred_at: dt.datetime | None = None,
    quoted: str = "",
) -> Case:
    """Add a reply of the customer's side; returns the case that got it. Records `case.replied` (facts: message,
    reopened, thanks).

    Waiting and on hold become open. Resolved and closed are reopened, unless the reply consists of thanks. After
    closing, the provider's rule may open a linked case for the reply, or refuse it (Refused). *quoted* is what was
    folded of a mail.
    """
    begin_step(ctx, case, "reply")
    check_not_redirected(case)
    if find_earlier_message(ctx, case, idempotency_key) is not None:
        return case
    thanks = is_only_thanks(body)
    reopens = not case.unresolved and not thanks
    if reopens and case.state == State.CLOSED and reopening.reopening_outcome(ctx, case) == "new_case":
        return reopening.follow_up(ctx, case, body=body, staged=staged, idempotency_key=idempotency_key, quoted=quoted)
    files = attachments.claim(ctx, staged)
    if cc:
        if not can(ctx.actor, Permission.CASE_PEOPLE, case):
            raise Forbidden(_("You cannot put people in copy of this case."), ("reporter", "contact"))
        people.put_in_copy(ctx, case, cc)
    message = add_message(
        ctx,
        case,
        "reply",
        body,
        files=files,
        idempotency_key=idempotency_key,
        occurred_at=occurred_at,
        quoted=quoted,
    )
    if reopens:
        enter_state(ctx, case, State.OPEN)
        case.reopened_count += 1
    elif case.state in AFTER_CUSTOMER_REPLY and case.state != State.RESOLVED:
        enter_state(ctx, case, AFTER_CUSTOMER_REPLY[State(case.state)])
    record(
        ctx,
        "case.replied",
        case,
        case=case,
        occurred_at=occurred_at,
        message=str(message.id),
        reopened=reopens,
        thanks=thanks,
    )
    return case


def answer(
    ctx: Context,
    case: Case,
    *,
    body: str,
    staged: Sequence[uuid.UUID] = (),
    idempotency_key: str | None = None,
    emailed: bool = True,
    expected_version: int | None = None,
    no_news: bool = False,
    quoted: str = "",
    anyway: SendAnyway | None = None,
) -> Message:
    """Add a public reply of support; a new case becomes open. Records `case.answered` (facts: message, emailed,
    no_news).

    `no_news` means that the message only says when the next news come. Raises Conflict if *expected_version*, the
    version that the writer saw, is not the current one, and ReasonNeeded for what belongs to another client, unless
    *anyway* says why it is right.
    """
    begin_step(ctx, case, "answer")
    check_not_redirected(case)
    earlier = find_earlier_message(ctx, case, idempotency_key)
    if earlier is not None:
        return earlier
    check_version(case, expected_version)
    files = attachments.claim(ctx, staged)
    message = add_message(
        ctx,
        case,
        "reply",
        body,
        files=files,
        idempotency_key=idempotency_key,
        emailed=emailed,
        quoted=quoted,
        anyway=anyway,
    )
    enter_state(ctx, case, AFTER_STAFF_REPLY.get(State(case.state), State(case.state)))
    facts: dict[str, Any] = {"no_news": True} if no_news else {}
    record(ctx, "case.answered", case, case=case, message=str(message.id), emailed=emailed, **facts)
    return message


def note(
    ctx: Context,
    case: Case,
    *,
    body: str,
    staged: Sequence[uuid.UUID] = (),
    idempotency_key: str | None = None,
    mentions: Sequence[dict[str, str]] = (),
) -> Message:
    """Add an internal note, which only staff see; records `case.noted` (facts: message).

    *mentions*: whom it calls, as `mentions.read_mentions` found them in *body*. A note that holds what others wrote (a
    mail, a call) calls nobody.
    """
    begin_step(ctx, case, "note")
    earlier = find_earlier_message(ctx, case, idempotency_key)
    if earlier is not None:
        return earlier
    message = add_message(
        ctx, case, "note", body, files=attachments.claim(ctx, staged), idempotency_key=idempotency_key
    )
    message.mentions = list(mentions)
    record(ctx, "case.noted", case, case=case, message=str(message.id))
    return message


def check_version(case: Case, expected_version: int | None) -> None:
    """Raise Conflict if the case changed since the writer loaded the page."""
    if expected_version is not None and expected_version != case.version:
        raise Conflict(_("Somebody changed this case while you were writing. Nothing was sent yet."))
