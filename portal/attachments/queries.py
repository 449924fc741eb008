"""Reads of staged files; attached ones are read through their case."""

import uuid
from collections.abc import Sequence

from portal.attachments.models import Attachment
from portal.authz.scopes import load, scope
from portal.kernel.context import Context


def staged_files(ctx: Context, ids: Sequence[uuid.UUID]) -> Sequence[Attachment]:
    """The person's own staged files among *ids*, in the order they were sent."""
    statement = scope(ctx.actor, Attachment).where(
        Attachment.id.in_(list(ids)[:50]), Attachment.case_id.is_(None), Attachment.uploaded_by_id == ctx.actor.user_id
    )
    return ctx.session.scalars(statement.order_by(Attachment.id)).all()


def staged_file(ctx: Context, attachment_id: uuid.UUID) -> Attachment:
    """One staged file of the person; NotFound otherwise."""
    return load(
        ctx,
        Attachment,
        Attachment.id == attachment_id,
        Attachment.case_id.is_(None),
        Attachment.uploaded_by_id == ctx.actor.user_id,
    )
