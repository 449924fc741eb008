"""Who sees which canned replies: staff the shared ones and their own, customers none."""

from typing import Any

from sqlalchemy import Select, or_, select

from portal.authz import scopes
from portal.canned_replies.models import CannedReply, CannedReplyUse
from portal.kernel.actor import Actor


def visible_replies(actor: Actor) -> "Select[Any]":
    """The shared replies of the provider, and the actor's own."""
    rows = select(CannedReply).where(CannedReply.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    if not actor.is_staff:
        return scopes.select_nothing(rows)
    return rows.where(or_(CannedReply.owner_id.is_(None), CannedReply.owner_id == actor.user_id))


def visible_uses(actor: Actor) -> "Select[Any]":
    """The uses of the replies that the actor sees."""
    rows = select(CannedReplyUse).where(CannedReplyUse.provider_id == actor.provider_id)
    return rows.where(CannedReplyUse.reply_id.in_(visible_replies(actor).with_only_columns(CannedReply.id)))


scopes.register_scope(CannedReply, visible_replies)
scopes.register_scope(CannedReplyUse, visible_uses)
