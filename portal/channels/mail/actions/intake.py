"""Taking a mail in: the one function for all roads. Every mail ends with one row and one fate."""

import hashlib
import io
import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import IO, Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from portal.attachments import actions as attachments
from portal.cases.actions import people
from portal.cases.actions.conversation import answer, reply
from portal.cases.actions.opening import Opening, submit
from portal.cases.models import Case
from portal.cases.queries.detail import by_id
from portal.channels.mail.actions.copies import propose_copies
from portal.channels.mail.actions.mailbox_tests import note_arrival
from portal.channels.mail.engine.limits import LIMITS
from portal.channels.mail.engine.message import InboundMessage
from portal.channels.mail.engine.parsing import parse_message
from portal.channels.mail.models import InboundMail
from portal.channels.mail.queries.acting import acting_as
from portal.channels.mail.queries.decisions import Decision, content_hash, decide, recipients_of
from portal.channels.mail.queries.log import was_told
from portal.channels.mail.queries.matching import fold_own_lines
from portal.channels.mail.queries.signatures import find_signature_pictures
from portal.channels.mail.rules import IntakeRules, MailDelivery
from portal.identity import actions as identity
from portal.identity.models import User
from portal.kernel import ids
from portal.kernel.confirmation import SendAnyway
from portal.kernel.context import Context
from portal.kernel.errors import PortalError, Refused
from portal.kernel.events import record
from portal.kernel.storage import storage
from portal.kernel.system_context import as_system
from portal.kernel.text import clean_line

log = logging.getLogger(__name__)

_SUBJECT = 200
# Why an answer of a customer whose sender is certain is no part of the case that it answers.
NOT_ADDED = ("no_access", "may_not_reply", "refused", "may_not")


@dataclass(slots=True)
class MailFile:
    """A file of a mail, as the actions of attachments take it."""

    filename: str | None
    stream: IO[bytes]


def take_in(ctx: Context, raw: bytes, delivery: MailDelivery, rules: IntakeRules) -> InboundMail:
    """Take *raw* in at the provider of *ctx*, which acts as the system. Returns the row of the mail. Records
    `person.account_asked` (fact: mail) where a sender with several accounts is asked for one; `case.mail_stopped`
    (facts: user, mail) where support believes that it has answered, and has not; `case.reply_stopped` (also: name) and
    `person.reply_stopped` (fact: mail) where a customer does; `case.files_refused` (facts: user, name, side, mail,
    files) where files of a reply were not kept.

    A mail that cannot be processed is set aside in quarantine with its original. Only a failure of the database is
    raised: the mail should be tried again.
    """
    message = fold_own_lines(ctx, parse_message(raw))
    digest = content_hash(message)
    lock = hashlib.sha256(f"{ctx.provider_id}{digest}".encode()).hexdigest()
    ctx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(lock, 0))))
    decision = Decision("quarantine", "failed")
    try:
        with ctx.session.begin_nested():
            decision = decide(ctx, message, delivery, rules)
            decision = carry_out(ctx, message, decision)
    except PortalError as refusal:
        refused = "refused" if refusal.message else "may_not"
        decision = replace(decision, fate="quarantine", reason=refused, facts={"refusal": refusal.message[:500]})
    except OperationalError:
        raise
    except Exception as problem:  # a poison message is set aside once, and does not block the next one
        log.exception("a mail could not be processed")
        decision = replace(decision, fate="quarantine", reason="failed", facts={"problem": type(problem).__name__})
    row = _store(ctx, raw, message, delivery, decision, digest)
    if row.fate in ("case", "comment"):
        propose_copies(ctx, row, decision.proposed)
    if row.fate == "comment" and decision.facts["left_out"]:
        _tell_of_files(ctx, row, decision)
    if decision.facts.get("asks") and decision.person:
        record(ctx, "person.account_asked", decision.person, mail=str(row.id))
    if row.fate == "quarantine" and decision.case and decision.actor and decision.person:
        _tell_of_refusal(ctx, row, decision, decision.case, decision.person)
    return row


def _tell_of_refusal(ctx: Context, row: InboundMail, decision: Decision, case: Case, sender: User) -> None:
    """Tell of an answer that *case* did not take. Support: its writer. A customer: whoever looks after the case and,
    once a day for a case, the sender, if a server confirms them, without a word about the case."""
    facts: dict[str, Any] = {"user": str(sender.id), "mail": str(row.id)}
    if decision.actor and decision.actor.is_staff:
        if "refusal" in decision.facts:
            record(ctx, "case.mail_stopped", case, case=case, **facts)
    elif row.reason in NOT_ADDED:
        record(ctx, "case.reply_stopped", case, case=case, name=sender.name, **facts)
        if decision.verdict.trusted and not was_told(ctx, row):
            record(ctx, "person.reply_stopped", sender, mail=str(row.id))


def _tell_of_files(ctx: Context, row: InboundMail, decision: Decision) -> None:
    """Tell the writer of a reply which of its files were not kept. Whoever opens a case reads it in the receipt, which
    shows the text."""
    assert decision.actor and decision.case and decision.person
    record(
        ctx,
        "case.files_refused",
        decision.case,
        case=decision.case,
        user=str(decision.person.id),
        name=decision.person.name,
        side=str(decision.actor.side),
        mail=str(row.id),
        files=len(decision.facts["left_out"]),
    )


def carry_out(ctx: Context, message: InboundMessage, decision: Decision, anyway: SendAnyway | None = None) -> Decision:
    """Do what *decision* says; returns it with what came of it. *anyway* says why an answer of support may go out
    although it seems to belong to another client."""
    test_id = ids.parse_id(decision.facts.get("test"))
    if test_id is not None:
        note_arrival(ctx, test_id, message, decision.mailbox)
        return decision
    if decision.fate == "case":
        return _open_case(ctx, message, decision)
    if decision.fate == "comment":
        return _add_reply(ctx, message, decision, anyway)
    if decision.fate == "bounce" and decision.facts.get("ours") and decision.facts.get("final"):
        # Of the receiver of our mail only, so that nobody can mark the addresses of others.
        receiver = decision.match.bound_to if decision.match else None
        if receiver is not None:
            identity.mark_bounced(ctx, receiver, decision.facts["bounced"])
    return decision


def _open_case(ctx: Context, message: InboundMessage, decision: Decision) -> Decision:
    assert decision.actor and decision.person and decision.account and decision.request_type
    # The words of a forwarded mail are what the sender wants read; a signature names the sender of a new case.
    is_whole = bool(message.forwarded or not message.quoted or not message.reply.strip())
    text, quoted = (message.body, "") if is_whole else (message.reply, message.folded)
    with acting_as(ctx, decision.actor, decision.person) as inner:
        staged, left_out = stage_files(inner, message)
        opening = Opening(
            subject=clean_subject(ctx, message),
            description=add_left_out(ctx, text, left_out),
            # Nobody was asked for a severity.
            severity=decision.request_type.default_rank,
            cc=decision.copies,
            department_id=decision.mailbox.department_id if decision.mailbox else None,
            staged=staged,
            quoted=quoted,
        )
        case = submit(inner, decision.account, decision.request_type, opening)
        ctx.session.flush()
        key = f"{decision.account.key}-{case.number}"
        facts = {"case": str(case.id), "key": key, "left_out": left_out}
    return replace(decision, facts={**decision.facts, **facts})


def _add_reply(ctx: Context, message: InboundMessage, decision: Decision, anyway: SendAnyway | None) -> Decision:
    assert decision.actor and decision.person and decision.case
    # Files alone are an answer, unless its words stand below the line above which to write.
    is_reply = bool(message.reply.strip() or (message.files and not message.guessed))
    text, quoted = (message.reply, message.folded) if is_reply else (message.body, "")
    with acting_as(ctx, decision.actor, decision.person) as inner:
        staged, left_out = stage_files(inner, message)
        case = by_id(inner, decision.case.id, lock=True)
        body = add_left_out(ctx, text, left_out)
        refused = _put_in_copy(inner, case, decision.copies)
        if decision.actor.is_staff:
            position = answer(inner, case, body=body, staged=staged, quoted=quoted, anyway=anyway).position
        else:
            case = reply(inner, case, body=body, staged=staged, quoted=quoted)
            position = case.message_count
        ctx.session.flush()
        facts = {"case": str(case.id), "key": case.key, "message": position, "left_out": left_out}
        if refused:
            facts["copies_refused"] = refused
    return replace(decision, facts={**decision.facts, **facts})


def _put_in_copy(ctx: Context, case: Case, copies: Sequence[str]) -> str:
    """Put *copies* in copy before the reply, so that they are told of it. A refusal, whose words are returned, does
    not hold up the reply itself."""
    try:
        with ctx.session.begin_nested():
            people.put_in_copy(ctx, case, copies)
    except Refused as refusal:
        ctx.session.expire(case, ["grants"])
        return refusal.message[:500]
    return ""


def clean_subject(ctx: Context, message: InboundMessage) -> str:
    """The subject of a case that *message* opens."""
    with _provider_language(ctx):
        return clean_line(message.subject)[:_SUBJECT] or _("(no subject)")


def stage_files(ctx: Context, message: InboundMessage) -> tuple[list[Any], list[str]]:
    """Stage the files of *message* for its sender; returns their ids, and a sentence for each that was not kept."""
    assert ctx.actor.user_id is not None
    uploads = [MailFile(file.name, io.BytesIO(file.content)) for file in message.files if file.content]
    with _provider_language(ctx):
        staged, left_out = attachments.stage_what_can_be(ctx, uploads, ctx.actor.user_id)
    folded = find_signature_pictures(ctx, message)
    for row in staged:
        row.folded = row.sha256 in folded
    return [row.id for row in staged], left_out


def _provider_language(ctx: Context) -> AbstractContextManager[None]:
    """What intake adds to a text of a case, which both sides read, is in the language of the provider."""
    return force_locale(ctx.provider.locale)


def add_left_out(ctx: Context, text: str, left_out: list[str]) -> str:
    """*text*, with what was not kept of the mail below it: a mail has no form to show it on."""
    with _provider_language(ctx):
        text = text.strip("\n") or _("(The email has no text.)")
    return "\n\n".join([text, "\n".join(left_out)]) if left_out else text


def _store(
    ctx: Context, raw: bytes, message: InboundMessage, delivery: MailDelivery, decision: Decision, digest: str
) -> InboundMail:
    """The row of the mail, and its original in the storage."""
    recipients = recipients_of(message, delivery)
    row = InboundMail(
        id=ids.new_id(),
        provider_id=ctx.provider_id,
        mailbox_id=decision.mailbox.id if decision.mailbox else None,
        received_at=delivery.received_at,
        road=delivery.road,
        external_id=delivery.external_id,
        recipient=(decision.mailbox.address if decision.mailbox else (recipients or [""])[0])[:254],
        message_id=message.message_id[:255],
        content_hash=digest,
        sender_email=message.sender.email[:254],
        sender_name=message.sender.name[:200],
        subject=message.subject[:500],
        message_class=message.message_class.value,
        trusted=decision.verdict.trusted,
        fate=decision.fate,
        reason=decision.reason,
        user_id=decision.person.id if decision.person else None,
        case_id=decision.result_case_id,
        size=len(raw),
        facts={
            **decision.facts,
            "verdict": decision.verdict.reason,
            "match": decision.match.by if decision.match else None,
            "copies": list(decision.copies),
            "proposed": [one.email for one in decision.proposed],
            "problems": list(message.problems),
            "attachments": [[file.name, file.media_type, file.size, file.inline] for file in message.files],
        },
    )
    storage().write(row.storage_name, [raw[: LIMITS.message_bytes]])
    with as_system(ctx):
        ctx.session.add(row)
        ctx.session.flush()
        if row.fate == "bounce" and message.bounced_ids:
            ids_of_sent = list(message.bounced_ids)[:20]
            record(ctx, "mail.returned", row, message_ids=ids_of_sent, final=message.bounce_is_final)
    return row
