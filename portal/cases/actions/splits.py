"""Splitting a case: some of its messages go on in a case of their own."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import and_, or_, select, update
from sqlalchemy import case as choose

from portal.attachments.models import Attachment
from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.scopes import scope
from portal.cases.actions import people
from portal.cases.actions.links import copy_case, link_cases
from portal.cases.actions.opening import OpeningLocation, allot_number, check_open_account, find_earlier_case
from portal.cases.actions.other_clients import check_other_clients
from portal.cases.actions.tags import carry_tags
from portal.cases.actions.transitions import begin_step, check_not_redirected, touch
from portal.cases.models import Case, CaseGrant, CaseLocation, CaseSubscription, Message
from portal.cases.queries.conversation import last_question
from portal.cases.rules import Stay, course_of, why_message_stays
from portal.cases.states import State
from portal.cases.thanks.detection import is_only_thanks
from portal.kernel.actor import Id
from portal.kernel.confirmation import SendAnyway
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.kernel.system_context import as_system
from portal.tenants.models import Contact

MOST_MESSAGES = 100


@dataclass(frozen=True, slots=True)
class Split:
    """What becomes a case of its own: the ids of the messages, the words of the new case, and whether its contact gets
    the mail of a case that was opened for them."""

    message_ids: Sequence[uuid.UUID]
    subject: str
    description: str
    tell: bool = True
    idempotency_key: str | None = None
    anyway: SendAnyway | None = None


def split(ctx: Context, case: Case, wanted: Split) -> Case:
    """Open a case for some messages of *case*, which the caller locked, and move them there with their files.

    The new case has the same place, contact, severity and department. Who reads it reads *case* too. Its promises count
    from the first moved message of the customer. Records `case.submitted` (fact: split_from) and `case.split_off`
    (facts: source, course, counts) for the new case, and `case.split` (facts: target, settled, positions, counts) for
    *case*. Raises Refused for messages that cannot be moved, ReasonNeeded for words that belong to another client. A
    second call with the same idempotency key returns the first case.
    """
    earlier = find_earlier_case(ctx, wanted.idempotency_key)
    if earlier is not None:
        return earlier
    begin_step(ctx, case, "split")
    check_not_redirected(case)
    require(ctx.actor, Permission.CASE_OPEN, OpeningLocation(case.organization_id, case.account_id, None))
    check_open_account(case.account)
    moved = _find_messages(ctx, case, wanted.message_ids)
    from_customer = [one.occurred_at for one in moved if not one.is_note and one.author_side == "contact"]
    starts_at = min([*from_customer, ctx.now])
    new = copy_case(ctx, case, description=wanted.description, idempotency_key=wanted.idempotency_key)
    new.subject, new.notify_contact, new.opened_at = wanted.subject, wanted.tell, starts_at
    ctx.session.add(new)
    ctx.session.flush()
    people.carry_exclusions(ctx, case, new)
    _carry_people(ctx, case, new)
    carry_tags(ctx, case, new)
    positions, cited_across = _move(ctx, case, new, moved)
    course = course_of(moved, starts_at, is_only_thanks)
    _set_markers(ctx, case, new, moved, [at for at, side in course if side == "support"])
    record(
        ctx,
        "case.submitted",
        new,
        case=new,
        occurred_at=starts_at,
        on_behalf=new.on_behalf,
        notify=wanted.tell,
        severity=new.severity,
        split_from=str(case.id),
    )
    check_other_clients(ctx, new, wanted.subject, wanted.description, anyway=wanted.anyway)
    link_cases(ctx, case, new, "split_to")
    touch(ctx, case)
    allot_number(ctx, new)
    notes = sum(one.is_note for one in moved)
    counts: dict[str, Any] = {"messages": len(moved) - notes, "notes": notes, "cited_across": cited_across}
    record(
        ctx,
        "case.split_off",
        new,
        case=new,
        source=case.key,
        counted_from=starts_at.isoformat(),
        course=[[at.isoformat(), side] for at, side in course],
        **counts,
    )
    record(
        ctx,
        "case.split",
        case,
        case=case,
        target=f"{case.account.key}-{new.number}",
        target_id=str(new.id),
        settled=case.last_word != "customer",
        positions=positions,
        **counts,
    )
    return new


def _find_messages(ctx: Context, case: Case, message_ids: Sequence[uuid.UUID]) -> list[Message]:
    """The chosen messages in their order; raises Refused for none, too many, and for one that stays."""
    chosen = set(message_ids)
    if not chosen:
        raise Refused(_("Choose at least one message"), "messages")
    if len(chosen) > MOST_MESSAGES:
        raise Refused(_("Choose at most %(n)d messages", n=MOST_MESSAGES), "messages")
    rows = scope(ctx.actor, Message).where(Message.case_id == case.id, Message.id.in_(chosen))
    found = list(ctx.session.scalars(rows.order_by(Message.position)))
    if len(found) != len(chosen):
        raise Refused(_("One of the messages is not in this case any more. Look again at what you chose"), "messages")
    question = last_question(ctx, case)
    for message in found:
        match why_message_stays(case, message, question):
            case Stay.SOLUTION:
                raise Refused(_("Solutions and rejections stay in the case that they are about"), "messages")
            case Stay.QUESTION:
                raise Refused(_("The question that the customer is asked stays, until it is answered"), "messages")
            case Stay.WORKAROUND:
                raise Refused(_("The workaround stays. Take it off first"), "messages")
    return found


def _carry_people(ctx: Context, case: Case, new: Case) -> None:
    """Let into *new* who reads *case*, and nobody else: grants, the customer who reported it, and what people chose to
    be notified of."""
    place = CaseLocation.of(new).columns()
    with as_system(ctx) as inner:
        grants = inner.session.scalars(select(CaseGrant).where(CaseGrant.case_id == case.id)).all()
        for grant in grants:
            inner.session.add(
                CaseGrant(
                    **place,
                    kind=grant.kind,
                    user_id=grant.user_id,
                    to_organization_id=grant.to_organization_id,
                    environment_id=grant.environment_id,
                    impact=grant.impact,
                    added_by_id=ctx.actor.user_id,
                    added_at=ctx.now,
                )
            )
        if _reporter_reads(inner, case) and all(grant.user_id != case.reported_by_id for grant in grants):
            inner.session.add(
                CaseGrant(
                    **place,
                    kind="participant",
                    user_id=case.reported_by_id,
                    impact="",
                    added_by_id=ctx.actor.user_id,
                    added_at=ctx.now,
                )
            )
        chosen = select(CaseSubscription).where(CaseSubscription.case_id == case.id)
        for row in inner.session.scalars(chosen).all():
            inner.session.add(CaseSubscription(**place, user_id=row.user_id, mode=row.mode))
        inner.session.flush()
    ctx.session.expire(new, ["grants"])


def _reporter_reads(ctx: Context, case: Case) -> bool:
    """Whether a customer who opened *case* for somebody else still belongs to its organization: a grant by name would
    admit them even after they left."""
    if case.reported_side != "contact" or case.reported_by_id == case.contact_user_id:
        return False
    rows = select(Contact.id).where(
        Contact.user_id == case.reported_by_id, Contact.organization_id == case.organization_id, Contact.active
    )
    return ctx.session.scalar(rows.limit(1)) is not None


def _move(ctx: Context, case: Case, new: Case, moved: Sequence[Message]) -> tuple[Mapping[str, int], list[str]]:
    """Give *moved* to *new* with their files; returns the new position of each by its old one, and the ids of the
    messages that answered one of the other case.

    An answer refers to a message of its own case, so what points across the two cases is taken off. Keys are checked at
    the end of each statement: files are detached first, and all messages change in one statement.
    """
    ids = [one.id for one in moved]
    numbers: dict[Id, int] = {message_id: number for number, message_id in enumerate(ids, start=1)}
    positions = {str(one.position): numbers[one.id] for one in moved}
    moves, answers_moved = Message.id.in_(ids), Message.in_reply_to_id.in_(ids)
    crossing = and_(Message.in_reply_to_id.is_not(None), or_(and_(moves, ~answers_moved), and_(~moves, answers_moved)))
    attached_to = select(Attachment.id, Attachment.message_id).where(Attachment.message_id.in_(ids))
    files = {row.id: row.message_id for row in ctx.session.execute(attached_to)}
    quiet = {"synchronize_session": False}
    unlinked = update(Message).where(Message.case_id == case.id, crossing).values(in_reply_to_id=None)
    cited_across = ctx.session.scalars(unlinked.returning(Message.id).execution_options(**quiet)).all()
    detached = update(Attachment).where(Attachment.id.in_(files)).values(message_id=None)
    ctx.session.execute(detached.execution_options(**quiet))
    renumbered = (
        update(Message).where(Message.id.in_(ids)).values(case_id=new.id, position=choose(numbers, value=Message.id))
    )
    ctx.session.execute(renumbered.execution_options(**quiet))
    if files:
        attached = (
            update(Attachment)
            .where(Attachment.id.in_(files))
            .values(case_id=new.id, message_id=choose(files, value=Attachment.id))
        )
        ctx.session.execute(attached.execution_options(**quiet))
    changed = select(Message).where(Message.id.in_([*ids, *cited_across])).execution_options(populate_existing=True)
    ctx.session.scalars(changed).all()
    new.message_count = len(moved)
    return positions, sorted(str(message_id) for message_id in cited_across)


def _set_markers(
    ctx: Context, case: Case, new: Case, moved: Sequence[Message], answered: Sequence[dt.datetime]
) -> None:
    """Set who spoke last in both cases, and that support has answered in *new* at the times *answered*."""
    public = [one for one in moved if not one.is_note]
    new.last_word = "customer" if not public or public[-1].author_side == "contact" else "support"
    if answered:
        new.first_answer_at, new.state = answered[0], State.OPEN.value
    if public:
        left = select(Message.author_side).where(Message.case_id == case.id, Message.kind != "note")
        side = ctx.session.scalar(left.order_by(Message.position.desc()).limit(1)) or case.reported_side
        case.last_word = "customer" if side == "contact" else "support"
    ctx.session.flush()
