"""Replies that wait to be sent."""

import uuid
from collections.abc import Sequence

from portal.authz.scopes import load, scope
from portal.cases.models import Case, DelayedReply
from portal.kernel.context import Context

# Somebody who sends more within ten seconds finds the others by their time.
SHOWN = 10


def waiting_replies(ctx: Context, case: Case) -> Sequence[DelayedReply]:
    """The actor's own replies to *case* that nobody received yet, in the order in which they will be sent. One
    statement."""
    rows = scope(ctx.actor, DelayedReply).where(DelayedReply.case_id == case.id)
    return ctx.session.scalars(rows.order_by(DelayedReply.sends_at, DelayedReply.id).limit(SHOWN)).all()


def delayed_reply(ctx: Context, reply_id: uuid.UUID) -> DelayedReply:
    """One waiting reply of the actor; NotFound for another person's, and for one that was sent or taken back."""
    return load(ctx, DelayedReply, DelayedReply.id == reply_id)


def lock_delayed_reply(ctx: Context, reply_id: uuid.UUID) -> DelayedReply | None:
    """The waiting reply, locked; None if it was sent or taken back meanwhile."""
    rows = scope(ctx.actor, DelayedReply).where(DelayedReply.id == reply_id)
    return ctx.session.scalars(rows.with_for_update().execution_options(populate_existing=True)).one_or_none()


def delayed_reply_case(ctx: Context, reply_id: uuid.UUID) -> uuid.UUID | None:
    """The id of the case of a waiting reply of the actor; None if it was sent or taken back."""
    rows = scope(ctx.actor, DelayedReply).where(DelayedReply.id == reply_id)
    return ctx.session.scalars(rows.with_only_columns(DelayedReply.case_id)).one_or_none()
