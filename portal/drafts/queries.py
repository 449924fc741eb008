"""Reads of drafts."""

import uuid
from collections.abc import Sequence

from sqlalchemy import ScalarSelect

from portal.authz.scopes import load, scope
from portal.drafts.models import FormDraft
from portal.kernel.actor import Actor
from portal.kernel.bounded_counts import bounded_count
from portal.kernel.context import Context

# A person's drafts (actions.MOST_DRAFTS) fit into one list.
LISTED = 100


def has_drafts(actor: Actor) -> ScalarSelect[int]:
    """1 where the actor has drafts on this side, else 0; for the frame of each page."""
    return bounded_count(scope(actor, FormDraft).with_only_columns(FormDraft.id), 1)


def find_draft(ctx: Context, path: str) -> FormDraft | None:
    """The actor's draft of the form that is sent to *path*. The caller has loaded what the form is about."""
    return ctx.session.scalars(scope(ctx.actor, FormDraft).where(FormDraft.path == path)).one_or_none()


def newest_drafts(ctx: Context) -> Sequence[FormDraft]:
    """The actor's drafts on this side, the last written first, whatever has become of what they are about."""
    return ctx.session.scalars(scope(ctx.actor, FormDraft).order_by(FormDraft.updated_at.desc()).limit(LISTED)).all()


def draft(ctx: Context, draft_id: uuid.UUID) -> FormDraft:
    """One draft of the actor; NotFound for another person's."""
    return load(ctx, FormDraft, FormDraft.id == draft_id)
