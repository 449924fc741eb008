"""Mails that arrived, as rows with an original: for tests of who sees them."""

import uuid
from email.message import EmailMessage
from typing import Any

from portal.cases.models import Case
from portal.channels.mail.actions.copies import propose_copies
from portal.channels.mail.engine.message import MailAddress
from portal.channels.mail.models import InboundMail
from portal.identity.models import User
from portal.kernel import clock, ids
from portal.kernel.context import Context
from portal.kernel.events import record
from portal.kernel.storage import storage
from portal.tenants.models import Contact, ContactAccess


def receive_mail(
    ctx: Context,
    *,
    subject: str,
    case_id: uuid.UUID | None = None,
    fate: str = "quarantine",
    words: str = "Hello",
    attached: str = "",
) -> InboundMail:
    """Store a mail with *subject* that names the case *case_id*; its text is *words*. *attached*: the text of a mail
    among its files."""
    row = InboundMail(
        id=ids.new_id(),
        provider_id=ctx.provider_id,
        received_at=clock.now(),
        road="lmtp",
        recipient="support@provider.example",
        message_id="",
        content_hash="",
        sender_email="sender@people.example",
        sender_name="",
        subject=subject,
        message_class="human",
        trusted=False,
        fate=fate,
        reason="unauthenticated",
        case_id=case_id,
        size=1,
        facts={},
    )
    original = EmailMessage()
    original["From"], original["Subject"] = row.sender_email, subject
    original.set_content(words)
    if attached:
        inside = EmailMessage()
        inside["From"], inside["Subject"] = "first@people.example", f"{subject}, the first"
        inside.set_content(attached)
        original.add_attachment(inside)
    storage().write(row.storage_name, [original.as_bytes()])
    ctx.session.add(row)
    ctx.session.flush()
    return row


def propose_copy(ctx: Context, mail: InboundMail, writer_id: uuid.UUID, *emails: str, name: str = "") -> None:
    """Let *mail*, of the person *writer_id*, propose *emails* for its case."""
    mail.user_id = writer_id
    propose_copies(ctx, mail, [MailAddress(email, name) for email in emails])


def join_organization(world: Any, who: str, account: str = "globex") -> None:
    """Make *who* a contact of the organization of *account*, too."""
    ctx, home = world.system(), getattr(world, account)
    place = {"provider_id": ctx.provider_id, "organization_id": home.organization_id, "user_id": world.person(who).id}
    contact = Contact(**place, created_at=ctx.now)
    world.session.add(contact)
    world.session.flush()
    world.session.add(ContactAccess(**place, contact_id=contact.id, account_id=home.id, role="requester"))
    world.session.flush()


def ask_account(world: Any, who: str) -> None:
    """Let a mail of *who*, who belongs to several organizations, wait for the account that they choose."""
    ctx = world.system()
    mail = receive_mail(ctx, subject="Printer <broken>")
    mail.reason, mail.user_id = "which_account", world.person(who).id
    record(ctx, "person.account_asked", world.row(User, world.person(who)), mail=str(mail.id))


def refuse_files(world: Any, case: Case, who: str, *sentences: str, side: str = "contact") -> None:
    """Let a mail of *who*, which became a reply to *case*, have brought files that were not kept."""
    ctx, person = world.system(), world.row(User, world.person(who))
    mail = receive_mail(ctx, subject="Re: Printer <broken>")
    mail.fate, mail.case_id, mail.user_id = "comment", case.id, person.id
    mail.facts = {**mail.facts, "left_out": list(sentences)}
    facts = {"user": str(person.id), "name": person.name, "side": side, "mail": str(mail.id)}
    record(ctx, "case.files_refused", case, case=case, files=len(sentences), **facts)


def refuse_reply(world: Any, who: str) -> None:
    """Let a mail of *who* wait, because they may not write to the case that it answers."""
    ctx = world.system()
    mail = receive_mail(ctx, subject="Re: Printer <broken>")
    mail.reason, mail.user_id = "no_access", world.person(who).id
    record(ctx, "person.reply_stopped", world.row(User, world.person(who)), mail=str(mail.id))
