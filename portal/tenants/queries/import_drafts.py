"""Reads of uploaded files of people."""

import uuid

from sqlalchemy import func

from portal.authz.scopes import load, scope
from portal.identity.models import User
from portal.kernel import ids
from portal.kernel.context import Context
from portal.tenants.models import Contact, ImportDraft


def import_draft(ctx: Context, draft_id: uuid.UUID, *, lock: bool = False) -> ImportDraft:
    """The acting person's file *draft_id*; NotFound for another person's, and when its time is over."""
    return load(ctx, ImportDraft, ImportDraft.id == draft_id, ImportDraft.expires_at > ctx.now, lock=lock)


def uninvited_count(ctx: Context, draft: ImportDraft) -> int:
    """How many people whom the import of *draft* made have neither a password nor an invitation."""
    made = [parsed for value in draft.contact_ids if (parsed := ids.parse_id(value)) is not None]
    if not made:
        return 0
    members = scope(ctx.actor, Contact).where(Contact.id.in_(made), Contact.active)
    people = scope(ctx.actor, User).where(
        User.id.in_(members.with_only_columns(Contact.user_id)),
        User.invited_at.is_(None),
        User.ended_at.is_(None),
        ~User.password.has(),
    )
    return ctx.session.scalar(people.with_only_columns(func.count())) or 0
