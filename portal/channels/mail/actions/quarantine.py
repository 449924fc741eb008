"""What people decide about a mail in quarantine: take it in after all, attach it to a case, or discard it."""

import io
from typing import Any

from flask_babel import gettext as _

from portal.attachments import actions as attachments
from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.actions.conversation import note
from portal.cases.models import Case
from portal.channels.mail.actions.intake import MailFile, carry_out
from portal.channels.mail.engine.message import InboundMessage
from portal.channels.mail.engine.parsing import parse_message
from portal.channels.mail.models import InboundMail
from portal.channels.mail.queries.decisions import decide
from portal.channels.mail.queries.log import read_original
from portal.channels.mail.queries.matching import fold_own_lines
from portal.channels.mail.rules import IntakeRules, MailDelivery
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record
from portal.kernel.system_context import as_system
from portal.tenants.actions import contacts
from portal.tenants.models import Account


def release(ctx: Context, row: InboundMail) -> None:
    """Take the mail in as its sender's, as if it had come from them for certain; records `mail.released`.

    Raises Refused where it cannot become a case or a reply of its sender: an unknown sender, a case that they may not
    see.
    """
    message = _read(ctx, row)
    delivery = MailDelivery(row.road, row.received_at, [row.recipient])
    with as_system(ctx) as inner:
        message = fold_own_lines(inner, message)
        decision = decide(inner, message, delivery, IntakeRules(released=True))
        if decision.fate not in ("case", "comment"):
            raise Refused(_("It cannot become a case or a reply of its sender. Attach it to a case, or discard it"))
        decision = carry_out(inner, message, decision)
    facts = {**row.facts, **decision.facts, "was": row.reason}
    row.fate, row.reason, row.facts = decision.fate, decision.reason, facts
    row.user_id = decision.person.id if decision.person else None
    row.case_id = decision.result_case_id
    _finish(ctx, row, "released")


def add_sender(ctx: Context, row: InboundMail, account: Account, *, name: str) -> None:
    """Make the sender a contact of *account*, then release the mail; records `contact.added` and `mail.released`."""
    _begin(ctx, row)
    if not row.sender_email:
        raise Refused(_("The email names no sender"), "name")
    contacts.add_requester(ctx, account, name=name, email=row.sender_email, environment_id=None)
    ctx.session.flush()
    release(ctx, row)


def attach_to_case(ctx: Context, row: InboundMail, case: Case) -> None:
    """Add the mail to *case* as an internal note, with its files; records `mail.attached`. It is the note of whoever
    decided: nothing is said in the sender's name."""
    message = _read(ctx, row)
    uploads = [MailFile(file.name, io.BytesIO(file.content)) for file in message.files if file.content]
    assert ctx.actor.user_id is not None
    staged, left_out = attachments.stage_what_can_be(ctx, uploads, ctx.actor.user_id)
    sender = " ".join(filter(None, [row.sender_name, f"<{row.sender_email}>" if row.sender_email else ""]))
    head = _("Email from %(sender)s: %(subject)s", sender=sender or "?", subject=row.subject or "–")
    body = "\n\n".join(filter(None, [head, message.body, "\n".join(left_out)]))
    note(ctx, case, body=body, staged=[file.id for file in staged])
    row.case_id = case.id
    _finish(ctx, row, "attached")


def discard(ctx: Context, row: InboundMail) -> None:
    """Leave the mail in quarantine for good; records `mail.discarded`."""
    _begin(ctx, row)
    _finish(ctx, row, "discarded")


def _begin(ctx: Context, row: InboundMail) -> bytes:
    """The original, if somebody may still decide. Raises Forbidden, Conflict or Refused."""
    require(ctx.actor, Permission.MAIL_SEE)
    if not row.waits:
        raise Conflict(_("Somebody has decided about this email already."))
    raw = read_original(row)
    if raw is None:
        raise Refused(_("The original of this email is lost"))
    return raw


def _read(ctx: Context, row: InboundMail) -> InboundMessage:
    """What the mail says. Raises Refused for one that was set aside because reading it failed, and as `_begin`."""
    raw = _begin(ctx, row)
    if row.reason == "set_aside":
        raise Refused(_("Reading this email failed again and again. Read its original, then discard it"))
    return parse_message(raw)


def _finish(ctx: Context, row: InboundMail, how: str) -> None:
    facts: dict[str, Any] = {"sender": row.sender_email}
    row.handled_at, row.handled_by_id, row.handled_as = ctx.now, ctx.actor.user_id, how
    ctx.session.flush()
    record(ctx, f"mail.{how}", row, **facts)
