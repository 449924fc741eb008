"""Shared parts of the verbs: check a step, enter a state, add a message."""

import datetime as dt
from collections.abc import Mapping, Sequence

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, func, not_, or_, select
from sqlalchemy.dialects.postgresql import insert

from portal.attachments import actions as attachments
from portal.attachments.models import Attachment
from portal.authz.access import require
from portal.cases import preconditions, states
from portal.cases.actions.other_clients import check_other_clients
from portal.cases.idempotency import SAME_WORDS, words_of
from portal.cases.models import Case, CaseLocation, CaseSubscription, Message
from portal.cases.states import State, Step
from portal.cases.vocabulary import vocabulary
from portal.kernel import ids
from portal.kernel.confirmation import SendAnyway
from portal.kernel.context import Context
from portal.kernel.errors import Conflict
from portal.kernel.outbox import unschedule

AUTO_CLOSE = "auto_close"
CLOSING_SOON = "closing_soon"
WAKE = "wake"
REMIND = "remind"
PROPOSE = "propose"


def begin_step(ctx: Context, case: Case, verb: str, answers: Mapping[str, str] | None = None) -> Step:
    """The step of *verb*, checked: permission (Forbidden), state of the case (Conflict), preconditions (Refused).

    *answers* are the fields of the verb's form for preconditions of later features.
    """
    found = states.BY_VERB[verb]
    if found.permission is not None:
        require(ctx.actor, found.permission, case)
    side = "contact" if ctx.actor.is_contact else "staff"
    step = states.require_step(case.state, verb, label=vocabulary(ctx, side).of(case))
    preconditions.check_preconditions(ctx, case, verb, answers or {})
    return step


def enter_state(ctx: Context, case: Case, state: State) -> None:
    """Set the state of *case* and clear what belongs to the state it leaves."""
    if case.state == state:
        return
    left = case.state
    case.state = state.value
    if left == State.RESOLVED:
        case.resolved_at = case.auto_close_at = None
        for kind in (AUTO_CLOSE, CLOSING_SOON):
            unschedule(ctx.session, ctx.provider_id, kind, case.id)
    if left == State.WAITING:
        for kind in (REMIND, PROPOSE):
            unschedule(ctx.session, ctx.provider_id, kind, case.id)
    if left == State.ON_HOLD:
        case.hold_reason, case.hold_until = "", None
        unschedule(ctx.session, ctx.provider_id, WAKE, case.id)
    if left == State.CLOSED:
        case.closed_at, case.closed_by = None, ""
        case.cycle += 1


def check_not_redirected(case: Case) -> None:
    """Raise Conflict for a case that was merged or moved."""
    if case.merged_into_id or case.moved_to_id:
        raise Conflict(_("This case continues under another number. Write there."))


def touch(ctx: Context, case: Case, *, public: bool = True) -> None:
    """Increase the version, so that writers on an older page get a conflict. A note does not change the public date."""
    case.version += 1
    if public:
        case.updated_at = ctx.now


def find_earlier_message(ctx: Context, case: Case, idempotency_key: str | None) -> Message | None:
    """The message that the same drawn form stored already, or the same words within SAME_WORDS. Once somebody else said
    something after it, the same words are meant anew: the earlier message then gives its key to the new one. The caller
    holds the lock of the case."""
    if not idempotency_key:
        return None
    own = (Message.author_id == ctx.actor.user_id, Message.author_side == str(ctx.actor.side))
    last = select(func.max(Message.position)).where(Message.case_id == case.id, or_(and_(*own), Message.kind != "note"))
    same_words = and_(
        *own,
        func.starts_with(Message.idempotency_key, words_of(idempotency_key)),
        Message.recorded_at > ctx.now - SAME_WORDS,
        Message.position == last.scalar_subquery(),
    )
    found = ctx.session.scalars(
        select(Message)
        .where(Message.case_id == case.id, or_(Message.idempotency_key == idempotency_key, same_words))
        .order_by(Message.position.desc())
        .limit(1)
    ).one_or_none()
    if found is None or found.position == case.message_count or not _answered(ctx, found, own):
        return found
    found.idempotency_key = None
    ctx.session.flush()
    return None


def _answered(ctx: Context, message: Message, own: Sequence[ColumnElement[bool]]) -> bool:
    """Whether somebody else than its author said something in the case after *message*."""
    later = (Message.case_id == message.case_id, Message.position > message.position, Message.kind != "note")
    return ctx.session.scalar(select(Message.id).where(*later, not_(and_(*own))).limit(1)) is not None


def add_message(
    ctx: Context,
    case: Case,
    kind: str,
    body: str,
    *,
    files: Sequence[Attachment] = (),
    asks: bool = False,
    check: str = "",
    idempotency_key: str | None = None,
    emailed: bool = True,
    occurred_at: dt.datetime | None = None,
    for_name: str = "",
    external_id: str | None = None,
    quoted: str = "",
    anyway: SendAnyway | None = None,
) -> Message:
    """Add a message with its files. A public message sets the marker of who spoke last.

    Raises ReasonNeeded for what of another client is in a public message of support, unless *anyway* says why it is
    right.
    """
    if kind != "note":
        check_other_clients(ctx, case, body, check, quoted, files=files, anyway=anyway)
    case.message_count += 1
    message = Message(
        **CaseLocation.of(case).columns(),
        position=case.message_count,
        kind=kind,
        body=body,
        asks=asks,
        check=check,
        author_id=ctx.actor.user_id,
        author_side=str(ctx.actor.side),
        for_name=for_name,
        channel=ctx.channel,
        external_id=external_id,
        emailed=emailed,
        occurred_at=occurred_at or ctx.now,
        recorded_at=ctx.now,
        idempotency_key=idempotency_key,
        quoted=quoted or None,
    )
    ctx.session.add(message)
    if kind != "note":
        case.last_word = "customer" if ctx.actor.is_contact else "support"
        if not ctx.actor.is_contact and case.first_answer_at is None:
            case.first_answer_at = ctx.now
        if ctx.actor.is_staff and case.owner_id is None:
            _follow(ctx, case)
    touch(ctx, case, public=kind != "note")
    ctx.session.flush()
    attachments.attach(ctx, files, case, message_id=message.id, internal=kind == "note")
    return message


def _follow(ctx: Context, case: Case) -> None:
    """Let the person who answers a case without an owner follow it, unless they muted it."""
    ctx.session.execute(
        insert(CaseSubscription)
        .values(
            id=ids.new_id(),
            **CaseLocation.of(case).columns(),
            user_id=ctx.actor.user_id,
            mode="follow",
        )
        .on_conflict_do_nothing()
    )
