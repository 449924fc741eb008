"""Reads of emails that are files of a case, or of an email that arrived."""

import uuid
from collections.abc import Sequence

from portal.attachments.models import Attachment, holds_mail
from portal.cases.models import Case
from portal.cases.queries.conversation import attachment
from portal.channels.mail.engine.attached import AttachedMail, read_attached
from portal.channels.mail.engine.limits import LIMITS
from portal.channels.mail.engine.message import InboundFile, InboundMessage
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.storage import storage


def attached_mail(ctx: Context, case: Case, attachment_id: uuid.UUID) -> tuple[Attachment, Sequence[AttachedMail]]:
    """A file of *case* and the mails in it, none where it is no mail that can be read. Raises NotFound for a file that
    the actor may not see."""
    file = attachment(ctx, case, attachment_id)
    if not file.holds_mail or file.size > LIMITS.message_bytes:
        return file, ()
    try:
        return file, read_attached(b"".join(storage().read(file.storage_name)))
    except FileNotFoundError:
        raise NotFound from None


def mail_files(message: InboundMessage | None) -> Sequence[tuple[int, InboundFile]]:
    """The files of *message* that may be mails, with their numbers among its files, from 1."""
    files = enumerate(message.files if message else (), 1)
    return [(number, file) for number, file in files if holds_mail(file.name, file.media_type)]
