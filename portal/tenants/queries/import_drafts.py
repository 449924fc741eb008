"""Reads of uploaded files of people."""

import uuid
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import defer

from portal.authz.scopes import load, scope
from portal.identity.models import User
from portal.kernel import ids
from portal.kernel.context import Context
from portal.tenants.models import Contact, ImportDraft


def import_draft(ctx: Context, draft_id: uuid.UUID, *, lock: bool = False) -> ImportDraft:
    """The acting person's file *draft_id*; NotFound for another person's, and when its time is over."""
    return load(ctx, ImportDraft, ImportDraft.id == draft_id, ImportDraft.expires_at > ctx.now, lock=lock)


def import_progress(ctx: Context, draft_id: uuid.UUID) -> ImportDraft:
    """Like `import_draft`, without the long columns, which are read when they are used."""
    long = [defer(column) for column in (ImportDraft.rows, ImportDraft.fates, ImportDraft.contact_ids)]
    wanted = (ImportDraft.id == draft_id, ImportDraft.expires_at > ctx.now)
    return load(ctx, ImportDraft, *wanted, options=long)


def recent_imports(ctx: Context) -> Sequence[ImportDraft]:
    """The files that the acting person uploaded lately, the newest first, at most 20; without their long columns."""
    long = [defer(column) for column in (ImportDraft.rows, ImportDraft.fates, ImportDraft.contact_ids)]
    rows = scope(ctx.actor, ImportDraft).where(ImportDraft.expires_at > ctx.now).options(*long)
    return ctx.session.scalars(rows.order_by(ImportDraft.id.desc()).limit(20)).all()


def uploader(ctx: Context, draft_id: uuid.UUID) -> User | None:
    """Who uploaded the file *draft_id*; None for a file that is gone."""
    owner = select(ImportDraft.user_id).where(ImportDraft.provider_id == ctx.provider_id, ImportDraft.id == draft_id)
    return ctx.session.scalars(select(User).where(User.id.in_(owner))).one_or_none()


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
