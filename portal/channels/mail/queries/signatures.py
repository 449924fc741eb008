"""Which files of a mail are pictures of its sender's signature: by their place in it, or known from earlier mails."""

import hashlib

from sqlalchemy import or_, select

from portal.attachments.models import Attachment
from portal.channels.mail.engine.message import InboundMessage
from portal.kernel.context import Context


def find_signature_pictures(ctx: Context, message: InboundMessage) -> set[str]:
    """The SHA-256 of the pictures of *message* that are to be folded, for its sender, who is the actor.

    Only what the HTML of the message itself shows: in the signature and small, or seen in an earlier message of the
    same person or organization. A picture that is attached is never folded. One statement, and none without pictures.
    """
    shown = [one for one in message.files if one.inline and one.media_type.startswith("image/")]
    if not shown:
        return set()
    hashes = {hashlib.sha256(one.content).hexdigest(): one.in_signature for one in shown}
    earlier = select(Attachment.sha256).where(
        Attachment.provider_id == ctx.provider_id,
        Attachment.sha256.in_(hashes),
        Attachment.case_id.is_not(None),
        or_(
            Attachment.uploaded_by_id == ctx.actor.user_id,
            Attachment.organization_id.in_(sorted(ctx.actor.memberships)),
        ),
    )
    known = set(ctx.session.scalars(earlier.distinct()))
    return {digest for digest, in_signature in hashes.items() if in_signature or digest in known}
