"""Mails that arrived, as rows with an original: for tests of who sees them."""

import uuid

from portal.channels.mail.models import InboundMail
from portal.kernel import clock, ids
from portal.kernel.context import Context
from portal.kernel.storage import storage


def receive_mail(
    ctx: Context, *, subject: str, case_id: uuid.UUID | None = None, fate: str = "quarantine", words: str = "Hello"
) -> InboundMail:
    """Store a mail with *subject* that names the case *case_id*; its text is *words*."""
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
    original = f"From: sender@people.example\nSubject: {subject}\n\n{words}\n"
    storage().write(row.storage_name, [original.encode()])
    ctx.session.add(row)
    ctx.session.flush()
    return row
