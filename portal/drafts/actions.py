"""Keeping, replacing and discarding drafts. A draft is its writer's own affair, so there are no events."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, func, select

from portal.authz.scopes import scope
from portal.drafts.models import FormDraft
from portal.kernel import retention, text
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Gone, Refused

# Letters of names and values together; a form has at most 500 parts.
DRAFT_LIMIT = 100_000
# Of one person, on both sides.
MOST_DRAFTS = 50


def save_draft(
    ctx: Context, path: str, fields: Mapping[str, Sequence[str]], *, version: int | None, by_itself: bool = False
) -> FormDraft:
    """Keep *fields* as the actor's draft of the form that is sent to *path*; the caller has left secrets out.

    *version* is that of the draft whose text was changed; None for a text that began without one. Conflict where the
    draft has another version by now. Where it was sent or discarded meanwhile, a page that saves *by_itself* gets Gone,
    and a person who asks for it a new draft. Refused for a form of more than DRAFT_LIMIT letters, and for more than
    MOST_DRAFTS drafts.
    """
    kept = {text.clean_text(name): [text.clean_text(value) for value in sent] for name, sent in fields.items()}
    if sum(len(name) + sum(map(len, sent)) for name, sent in kept.items()) > DRAFT_LIMIT:
        raise Refused(_("This is too long to be kept as a draft. It is not lost while this page is open."))
    row = ctx.session.scalars(_own(ctx, path).with_for_update().execution_options(populate_existing=True)).one_or_none()
    if row is None and version is not None and by_itself:
        raise Gone(_("This draft was sent or discarded."))
    if row is None:
        _require_room(ctx)
        side = "desk" if ctx.actor.is_staff else "portal"
        row = FormDraft(provider_id=ctx.provider_id, user_id=ctx.actor.user_id, side=side, path=path, fields=kept)
        row.updated_at, row.version = ctx.now, 1
        ctx.session.add(row)
    elif row.fields == kept:
        return row
    elif row.version != version:
        raise Conflict(_("There is a newer draft of this, from another window or device."))
    else:
        row.fields, row.updated_at, row.version = kept, ctx.now, row.version + 1
    ctx.session.flush()
    return row


def put_back_draft(ctx: Context, path: str, fields: Mapping[str, Sequence[str]]) -> None:
    """Make what was sent from the form for *path* the actor's draft again, because it was not sent after all.

    It has been kept already, so neither the number of drafts nor its length refuses it. Where the actor has begun
    another one meanwhile, its text follows below, and its files stay.
    """
    row = ctx.session.scalars(_own(ctx, path).with_for_update().execution_options(populate_existing=True)).one_or_none()
    kept = {name: list(sent) for name, sent in fields.items()}
    if row is None:
        side = "desk" if ctx.actor.is_staff else "portal"
        row = FormDraft(provider_id=ctx.provider_id, user_id=ctx.actor.user_id, side=side, path=path, fields=kept)
        row.updated_at, row.version = ctx.now, 1
        ctx.session.add(row)
    else:
        begun = row.fields
        texts = [text for text in ("".join(kept.get("body", ())), "".join(begun.get("body", ()))) if text.strip()]
        files = dict.fromkeys([*kept.get("staged", ()), *begun.get("staged", ())])
        row.fields = begun | kept | {"body": ["\n\n".join(texts)]} | ({"staged": list(files)} if files else {})
        row.updated_at, row.version = ctx.now, row.version + 1
    ctx.session.flush()


def discard_draft(ctx: Context, draft: FormDraft) -> None:
    """Delete *draft*, which the actor wrote."""
    ctx.session.delete(draft)


def end_draft(ctx: Context, path: str, version: int) -> None:
    """Delete the actor's draft of the form that is sent to *path*, unless it is newer than *version*: the form was
    sent. One statement."""
    row = ctx.session.scalars(_own(ctx, path).where(FormDraft.version <= version)).one_or_none()
    if row is not None:
        ctx.session.delete(row)


def delete_old(ctx: Context, before: dt.datetime, limit: int) -> int:
    """Delete at most *limit* drafts that were not changed since *before*; returns how many."""
    return retention.delete_rows(ctx, FormDraft, limit, FormDraft.updated_at < before)


def _own(ctx: Context, path: str) -> "Select[Any]":
    return scope(ctx.actor, FormDraft).where(FormDraft.path == path)


def _require_room(ctx: Context) -> None:
    own = (
        select(func.count())
        .select_from(FormDraft)
        .where(FormDraft.provider_id == ctx.provider_id, FormDraft.user_id == ctx.actor.user_id)
    )
    if (ctx.session.scalar(own) or 0) >= MOST_DRAFTS:
        raise Refused(_("You have %(most)d drafts. Discard some of them first.", most=MOST_DRAFTS))
