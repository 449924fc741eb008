"""The end of originals: what a mail was stays in the log, its bytes do not."""

import datetime as dt

from sqlalchemy import not_, select

from portal.channels.mail.actions.copies import delete_old_proposals
from portal.channels.mail.models import InboundMail
from portal.kernel.context import Context
from portal.kernel.storage import storage


def delete_old_originals(ctx: Context, before: dt.datetime, limit: int) -> int:
    """Delete the originals of at most *limit* mails that arrived before *before*; returns how many. Mails that wait in
    quarantine keep theirs: nobody has decided about them yet. Proposals of people are gone with them."""
    delete_old_proposals(ctx, before, limit)
    waits = (InboundMail.fate == "quarantine") & InboundMail.handled_at.is_(None)
    old = select(InboundMail).where(
        InboundMail.provider_id == ctx.provider_id,
        InboundMail.received_at < before,
        InboundMail.original_deleted_at.is_(None),
        not_(waits),
    )
    rows = ctx.session.scalars(
        old.order_by(InboundMail.received_at).limit(limit).with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        storage().delete(row.storage_name)
        row.original_deleted_at = ctx.now
    ctx.session.flush()
    return len(rows)
