"""The whole path of a case by mail, over real servers: it arrives, is acknowledged, the customer adds to it with a
quote and a file, support answers, the customer answers that. One case, one mail each, whatever interrupts it.
"""

from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from portal.attachments.models import Attachment
from portal.cases.models import Case, Message
from portal.channels.mail.models import InboundMail
from portal.notifications.models import OutgoingMail
from tests.support.dovecot import simple_mail

RITA = "rita@acme.example"
INTRO = "On Sun, 29 Nov 2026 at 10:00, Northwind <{sender}> wrote:"


def parsed(raw: bytes) -> EmailMessage:
    """A mail that was received."""
    return message_from_bytes(raw, policy=default)  # type: ignore[return-value]


def text_of(mail: EmailMessage) -> str:
    """Its plain text."""
    return mail.get_body(("plain",)).get_content()


def reply_to(mail: EmailMessage, text: str, file: str = "") -> bytes:
    """What a mail program sends when Rita answers *mail*: everything quoted, and perhaps a file."""
    reply = EmailMessage()
    reply["From"], reply["To"] = RITA, mail["Reply-To"]
    reply["Subject"] = f"Re: {mail['Subject']}"
    reply["Message-ID"] = f"<{abs(hash(text))}@acme.example>"
    reply["In-Reply-To"] = mail["Message-ID"]
    reply["References"] = f"{mail['References']} {mail['Message-ID']}"
    quoted = "\n".join(f"> {line}" for line in text_of(mail).splitlines())
    reply.set_content(f"{text}\n\n{INTRO.format(sender=mail['From'].addresses[0].addr_spec)}\n{quoted}\n")
    if file:
        reply.add_attachment(b"%PDF-1.4 content", maintype="application", subtype="pdf", filename=file)
    return reply.as_bytes()


def walk(
    world: Any,
    run_outbox: Callable[[], int],
    address: str,
    deliver: Callable[[bytes], Any],
    read: Callable[[], int],
    received: Callable[[], list[EmailMessage]],
    *,
    interrupt: Callable[[], None] = lambda: None,
    go_on: Callable[[], None] = lambda: None,
) -> None:
    """Walk the path. *received*: the mails in Rita's mailbox. *interrupt* takes our access away just before support
    answers, *go_on* gives it back; meanwhile nothing may arrive, and nothing may be lost."""
    before = len(received())
    deliver(simple_mail("Printer broken", to=address))
    assert read() == 1
    run_outbox()
    [receipt] = received()[before:]
    assert receipt["From"].addresses[0].addr_spec == address
    assert receipt["Reply-To"].addresses[0].addr_spec.startswith(f"{address.partition('@')[0]}+acme-")
    assert "@acme.example>" in receipt["References"]

    deliver(reply_to(receipt, "It smells of smoke.", "proof.pdf"))
    assert read() == 1
    run_outbox()
    [case] = world.rows(Case)
    case_id = case.id
    [file] = world.rows(Attachment)
    assert file.filename == "proof.pdf"
    assert len(received()) == before + 1  # nobody is told of their own words

    interrupt()
    world.answer(world.row(Case, case_id), "Is it switched on?")
    world.session.commit()
    run_outbox()
    go_on()
    run_outbox()
    [_receipt, answered] = received()[before:]
    assert "Is it switched on?" in text_of(answered)
    assert receipt["References"].split()[0] in answered["References"]

    deliver(reply_to(answered, "Yes, it is."))
    assert read() == 1
    run_outbox()
    [case] = world.rows(Case)
    assert case.id == case_id
    replies = world.rows(Message, Message.author_id == world.rita.id)
    assert [row.body for row in sorted(replies, key=lambda row: row.id)] == ["It smells of smoke.", "Yes, it is."]
    assert [row.fate for row in world.rows(InboundMail) if row.case_id == case_id] == ["case", "comment", "comment"]
    assert len(received()) == before + 2
    mails = world.rows(OutgoingMail, OutgoingMail.recipient == RITA, OutgoingMail.case_id == case_id)
    assert {row.state for row in mails} == {"sent"}
    assert len({row.message_id for row in mails}) == 2
