"""A reply of support together with its next status, or the status alone."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.cases.actions import desk, resolution
from portal.cases.actions.conversation import answer, check_version
from portal.cases.actions.mentions import check_no_colleague
from portal.cases.actions.reopening import reopen
from portal.cases.actions.transitions import begin_step, find_earlier_message
from portal.cases.models import Case, Message
from portal.cases.preconditions import take_reply_steps
from portal.cases.queries.conversation import public_messages_after
from portal.cases.states import State
from portal.cases.vocabulary import vocabulary
from portal.kernel.confirmation import SendAnyway
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused

# The customer always gets an email about these, because they ask for something.
ALWAYS_EMAILED = (State.WAITING, State.RESOLVED, State.CLOSED)
# A question, a solution and what changed are words; a file alone says none of them.
NEEDS_TEXT = (State.WAITING, State.RESOLVED, State.OPEN)


@dataclass(frozen=True, slots=True)
class NextStatus:
    """The status after a reply. '' or 'keep' leaves it as it is, except that a new case becomes open."""

    status: str = ""
    check: str = ""
    reason: str = ""
    until: dt.datetime | None = None
    # The answers of the form to preconditions and reply steps of later features, by field.
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WriterSnapshot:
    """The case as its writer saw it: version, position of the last message, state."""

    version: int | None = None
    last: int | None = None
    state: str = ""


def send_reply(
    ctx: Context,
    case: Case,
    *,
    body: str,
    next_status: NextStatus,
    staged: Sequence[uuid.UUID] = (),
    idempotency_key: str | None = None,
    emailed: bool = True,
    snapshot: WriterSnapshot | None = None,
    take_over: bool = False,
    anyway: SendAnyway | None = None,
) -> None:
    """Answer in public and set `next_status`, both or neither. A second submit of the same form does nothing.

    With *take_over* the writer becomes the owner of a case that nobody owns; without it they follow the case.

    Raises Conflict if somebody replied in public since *snapshot*, or if no verb leads to the status. Raises Refused
    with the field for a missing value, and for a colleague who is mentioned in public.
    """
    begin_step(ctx, case, "answer")
    if find_earlier_message(ctx, case, idempotency_key) is not None:
        return
    check_nobody_spoke(ctx, case, snapshot or WriterSnapshot())
    check_no_colleague(ctx, case, body, next_status.check)
    status = (
        ""
        if next_status.status == "keep" or next_status.status == case.state == State.IN_PROGRESS
        else next_status.status
    )
    if status in NEEDS_TEXT and not body.strip():
        raise Refused(_("Write the reply"), "body")
    if not emailed and status in ALWAYS_EMAILED:
        raise Refused(
            _("Questions, solutions and closings are always emailed. Untick this, or keep the status"), "silent"
        )
    if take_over and case.owner_id is None and case.unresolved:
        desk.take(ctx, case)
    take_reply_steps(ctx, case, body, next_status.answers, anyway)
    match status:
        case "":
            answer(ctx, case, body=body, staged=staged, idempotency_key=idempotency_key, emailed=emailed, anyway=anyway)
        case State.WAITING:
            desk.ask(ctx, case, question=body, staged=staged, idempotency_key=idempotency_key, anyway=anyway)
        case State.RESOLVED:
            resolution.resolve(
                ctx,
                case,
                solution=body,
                check=next_status.check,
                staged=staged,
                idempotency_key=idempotency_key,
                answers=next_status.answers,
                anyway=anyway,
            )
        case State.OPEN if not case.unresolved:
            reopen(ctx, case, reason=body, staged=staged, idempotency_key=idempotency_key, anyway=anyway)
        case State.OPEN | State.IN_PROGRESS | State.ON_HOLD | State.CLOSED:
            answer(ctx, case, body=body, staged=staged, idempotency_key=idempotency_key, emailed=emailed, anyway=anyway)
            apply_status(ctx, case, next_status, anyway)
        case _:
            raise Refused(_("Choose one of the statuses"), "status")


def change_status(
    ctx: Context,
    case: Case,
    *,
    body: str,
    next_status: NextStatus,
    staged: Sequence[uuid.UUID] = (),
    idempotency_key: str | None = None,
    expected_version: int | None = None,
    anyway: SendAnyway | None = None,
) -> None:
    """Take the verb that leads to `next_status.status`, with the question, solution or reason that it needs.

    Raises Conflict if the case changed since *expected_version* or if no verb leads there, Refused for a missing field.
    """
    if find_earlier_message(ctx, case, idempotency_key) is not None:
        return
    check_version(case, expected_version)
    match next_status.status:
        case State.WAITING:
            desk.ask(ctx, case, question=body, staged=staged, idempotency_key=idempotency_key, anyway=anyway)
        case State.RESOLVED:
            begin_step(ctx, case, "resolve", next_status.answers)
            if not body.strip():
                raise Refused(_("Write what solved it"), "body")
            resolution.resolve(
                ctx,
                case,
                solution=body,
                check=next_status.check,
                staged=staged,
                idempotency_key=idempotency_key,
                answers=next_status.answers,
                anyway=anyway,
            )
        case State.OPEN if not case.unresolved:
            begin_step(ctx, case, "reopen")
            if not body.strip():
                raise Refused(_("Write what changed"), "body")
            reopen(ctx, case, reason=body, staged=staged, idempotency_key=idempotency_key, anyway=anyway)
        case State.ON_HOLD | State.CLOSED if body.strip():
            send_reply(
                ctx,
                case,
                body=body,
                next_status=next_status,
                staged=staged,
                idempotency_key=idempotency_key,
                anyway=anyway,
            )
        case State.IN_PROGRESS | State.ON_HOLD | State.CLOSED:
            apply_status(ctx, case, next_status, anyway)
        case _:
            raise Refused(_("Choose one of the statuses"), "status")


def apply_status(ctx: Context, case: Case, next_status: NextStatus, anyway: SendAnyway | None = None) -> None:
    """Take the verb that leads to `next_status.status` without a public message. The current status changes nothing."""
    if next_status.status == case.state and next_status.status != State.CLOSED:
        return
    match next_status.status:
        case State.IN_PROGRESS:
            (desk.wake if case.state == State.ON_HOLD else desk.start)(ctx, case)
        case State.ON_HOLD:
            desk.hold(ctx, case, reason=next_status.reason, until=next_status.until, anyway=anyway)
        case State.CLOSED:
            resolution.close(ctx, case, reason=next_status.reason, answers=next_status.answers, anyway=anyway)
        case _:
            raise Refused(_("Choose one of the statuses"), "status")


def take(ctx: Context, case: Case, *, expected_version: int | None = None) -> None:
    """Make the actor the owner. Raises Conflict if somebody else took the case since *expected_version*."""
    begin_step(ctx, case, "take")
    if (
        expected_version is not None
        and expected_version != case.version
        and case.owner_id not in (None, ctx.actor.staff_id)
    ):
        raise Conflict(_("Somebody else has taken this case."))
    desk.take(ctx, case)


def new_public_messages(ctx: Context, case: Case, last: int | None) -> Sequence[Message]:
    """Public messages of others after position *last*; none if *last* is unknown."""
    if last is None:
        return []
    return [m for m in public_messages_after(ctx, case, last) if m.author_id != ctx.actor.user_id]


def check_nobody_spoke(ctx: Context, case: Case, snapshot: WriterSnapshot) -> None:
    """Raise Conflict if the case changed in public since *snapshot*, so that messages do not cross.

    A snapshot with a version only is refused for any change. A complete snapshot is refused for public messages of
    others and for an end of the case.
    """
    if snapshot.version is None or snapshot.version == case.version:
        return
    if snapshot.last is None:
        check_version(case, snapshot.version)
    new = new_public_messages(ctx, case, snapshot.last)
    if len(new) == 1 and new[0].author is not None:
        raise Conflict(_("%(name)s answered while you were writing. Nothing was sent yet.", name=new[0].author.name))
    if new:
        raise Conflict(
            ngettext(
                "%(num)d message arrived while you were writing. Nothing was sent yet.",
                "%(num)d messages arrived while you were writing. Nothing was sent yet.",
                len(new),
            )
        )
    if snapshot.state and snapshot.state != case.state and not case.unresolved:
        raise Conflict(
            _("This case is now “%(state)s”. Nothing was sent yet.", state=vocabulary(ctx, "staff").of(case))
        )
