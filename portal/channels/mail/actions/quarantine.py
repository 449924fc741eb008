"""What people decide about a mail in quarantine: take it in after all, attach it to a case, or discard it."""

from dataclasses import replace
from typing import Any

from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.actions.conversation import note
from portal.cases.actions.opening import Opening, submit
from portal.cases.models import Case
from portal.channels.mail.actions.copies import propose_copies
from portal.channels.mail.actions.intake import add_left_out, carry_out, clean_subject, stage_files
from portal.channels.mail.engine.message import InboundMessage
from portal.channels.mail.engine.parsing import parse_message
from portal.channels.mail.models import InboundMail
from portal.channels.mail.queries.decisions import decide, find_request_type
from portal.channels.mail.queries.log import read_original
from portal.channels.mail.queries.mailboxes import list_mailboxes
from portal.channels.mail.queries.matching import fold_own_lines
from portal.channels.mail.rules import IntakeRules, MailDelivery
from portal.kernel.confirmation import SendAnyway
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record
from portal.kernel.system_context import as_system
from portal.tenants.actions import contacts
from portal.tenants.models import Account


def release(
    ctx: Context, row: InboundMail, account: Account | None = None, *, anyway: SendAnyway | None = None
) -> None:
    """Take the mail in as its sender's, as if it had come from them for certain; a new case is opened in *account*,
    where the sender has several. Records `mail.released`.

    Raises Refused where it cannot become a case or a reply of its sender: an unknown sender, a case that they may not
    see; ReasonNeeded for an answer of support with what belongs to another client, unless *anyway* says why it is
    right: `case.sent_anyway` names who said so, not the sender.
    """
    message = _read(ctx, row)
    confirmed = replace(anyway, confirmed_by=ctx) if anyway else None
    rules = IntakeRules(released=True, account_id=account.id if account else None)
    with as_system(ctx) as inner:
        _file(inner, row, message, rules, confirmed)
    _finish(ctx, row, "released")


def choose_account(ctx: Context, row: InboundMail, account: Account) -> None:
    """Open the case of the mail in *account*, as its sender chose; records `mail.chosen`. The caller has checked that
    the actor is the sender, and locked the row.

    Raises Conflict where somebody has decided already, and Refused where no case can be opened there.
    """
    message = _read_waiting(row)
    with as_system(ctx) as inner:
        _file(inner, row, message, IntakeRules(released=True, account_id=account.id))
        row.handled_at, row.handled_by_id, row.handled_as = ctx.now, ctx.actor.user_id, "chosen"
        inner.session.flush()
    record(ctx, "mail.chosen", row, sender=row.sender_email)


def _file(
    ctx: Context, row: InboundMail, message: InboundMessage, rules: IntakeRules, anyway: SendAnyway | None = None
) -> None:
    """Decide about *message* again by *rules*, and do what the decision says. Raises Refused unless it becomes a case
    or a reply."""
    message = fold_own_lines(ctx, message)
    decision = decide(ctx, message, MailDelivery(row.road, row.received_at, [row.recipient]), rules)
    if decision.fate not in ("case", "comment"):
        raise Refused(_("It cannot become a case or a reply of its sender. Attach it to a case, or discard it"))
    decision = carry_out(ctx, message, decision, anyway)
    row.facts = {**row.facts, **decision.facts, "was": row.reason}
    row.fate, row.reason = decision.fate, decision.reason
    row.user_id = decision.person.id if decision.person else None
    row.case_id = decision.result_case_id
    propose_copies(ctx, row, decision.proposed)


def add_sender(ctx: Context, row: InboundMail, account: Account, *, name: str) -> None:
    """Make the sender a contact of *account*, then release the mail; records `contact.added` and `mail.released`."""
    _begin(ctx, row)
    if not row.sender_email:
        raise Refused(_("The email names no sender"), "name")
    contacts.add_requester(ctx, account, name=name, email=row.sender_email, environment_id=None)
    ctx.session.flush()
    release(ctx, row, account)


def open_for(
    ctx: Context, row: InboundMail, account: Account, *, name: str, email: str, anyway: SendAnyway | None = None
) -> None:
    """Open a case from the mail of a colleague for the person with *email* in *account*, who becomes a contact if they
    are none; records `mail.opened`. Raises Refused for a person or an account that cannot have it, and ReasonNeeded
    for what belongs to another client, unless *anyway* says why it is right."""
    message = _read(ctx, row)
    mailbox = next((box for box in list_mailboxes(ctx) if box.id == row.mailbox_id), None)
    type_ = find_request_type(ctx, mailbox, account)
    if type_ is None:
        raise Refused(_("No kind of case can be opened by email for this account."), "account")
    staged, left_out = stage_files(ctx, message)
    opening = Opening(
        subject=clean_subject(ctx, message),
        description=add_left_out(ctx, message.body, left_out),
        severity=type_.default_rank,
        department_id=mailbox.department_id if mailbox else None,
        person_name=name,
        person_email=email,
        staged=staged,
        anyway=anyway,
    )
    case = submit(replace(ctx, channel="mail"), account, type_, opening)
    row.fate, row.case_id = "case", case.id
    row.facts = {**row.facts, "case": str(case.id), "key": f"{account.key}-{case.number}", "left_out": left_out}
    _finish(ctx, row, "opened")


def attach_to_case(ctx: Context, row: InboundMail, case: Case) -> None:
    """Add the mail to *case* as an internal note, with its files; records `mail.attached`. It is the note of whoever
    decided: nothing is said in the sender's name."""
    message = _read(ctx, row)
    staged, left_out = stage_files(ctx, message)
    sender = " ".join(filter(None, [row.sender_name, f"<{row.sender_email}>" if row.sender_email else ""]))
    head = _("Email from %(sender)s: %(subject)s", sender=sender or "?", subject=row.subject or "–")
    body = "\n\n".join(filter(None, [head, message.body, "\n".join(left_out)]))
    note(ctx, case, body=body, staged=staged)
    row.case_id = case.id
    _finish(ctx, row, "attached")


def discard(ctx: Context, row: InboundMail) -> None:
    """Leave the mail in quarantine for good; records `mail.discarded`."""
    _begin(ctx, row)
    _finish(ctx, row, "discarded")


def _begin(ctx: Context, row: InboundMail) -> bytes:
    """The original, if the actor may decide. Raises Forbidden, and as `_original_of`."""
    require(ctx.actor, Permission.MAIL_SEE)
    return _original_of(row)


def _original_of(row: InboundMail) -> bytes:
    """The original of a mail about which nobody has decided. Raises Conflict or Refused."""
    if not row.waits:
        raise Conflict(_("Somebody has decided about this email already."))
    raw = read_original(row)
    if raw is None:
        raise Refused(_("The original of this email is lost"))
    return raw


def _read(ctx: Context, row: InboundMail) -> InboundMessage:
    """What the mail says, if the actor may decide. Raises as `_begin` and `_read_waiting`."""
    require(ctx.actor, Permission.MAIL_SEE)
    return _read_waiting(row)


def _read_waiting(row: InboundMail) -> InboundMessage:
    """What the mail says. Raises Refused where reading it failed before, and as `_original_of`."""
    raw = _original_of(row)
    if row.reason == "set_aside":
        raise Refused(_("Reading this email failed again and again. Read its original, then discard it"))
    return parse_message(raw)


def _finish(ctx: Context, row: InboundMail, how: str) -> None:
    facts: dict[str, Any] = {"sender": row.sender_email}
    row.handled_at, row.handled_by_id, row.handled_as = ctx.now, ctx.actor.user_id, how
    ctx.session.flush()
    record(ctx, f"mail.{how}", row, **facts)
