"""What the public status page says of an announcement."""

from flask_babel import gettext as _
from sqlalchemy import delete

from portal.announcements import queries
from portal.announcements.actions.rights import require_writing
from portal.announcements.actions.telling import tell_subscribers
from portal.announcements.models import (
    Announcement,
    StatusPost,
    StatusUpdate,
)
from portal.announcements.rules import (
    AnnouncementState,
)
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Forbidden
from portal.kernel.events import record


def require_public_writing(ctx: Context, row: Announcement) -> None:
    """Raise Forbidden unless the actor may say of *row* to everybody: who may write it, and looks after all
    accounts."""
    require_writing(ctx, row)
    if not ctx.actor.all_accounts and not ctx.actor.is_system:
        raise Forbidden(_("Only staff who look after all accounts write on the status page."))


def show_in_public(ctx: Context, row: Announcement, *, title: str, body: str) -> None:
    """Let the status page say *title* and *body* of *row*, as soon as it is published; records
    `announcement.made_public`. Whoever gets that page by email is told of what is new there. Raises Conflict for one
    that has ended and does not stand there."""
    require_public_writing(ctx, row)
    post = queries.post_of(ctx, row)
    is_new = post is None
    if post is None:
        if row.state == AnnouncementState.ENDED:
            raise Conflict(_("This announcement has ended."))
        post = StatusPost(provider_id=ctx.provider_id, announcement_id=row.id, kind=row.kind, state=row.state)
        ctx.session.add(post)
    post.title, post.body = title, body
    copy_to_post(ctx, row, post)
    row.version += 1
    ctx.session.flush()
    record(ctx, "announcement.made_public", row)
    if is_new:
        tell_subscribers(ctx, row, "published")


def take_from_public(ctx: Context, row: Announcement) -> None:
    """Take *row* off the status page with its public updates; records `announcement.taken_from_public`. Raises Conflict
    where it does not stand there."""
    require_public_writing(ctx, row)
    post = queries.post_of(ctx, row)
    if post is None:
        raise Conflict(_("The status page does not show this announcement."))
    delete_post(ctx, post)
    row.version += 1
    ctx.session.flush()
    record(ctx, "announcement.taken_from_public", row)


def copy_to_post(ctx: Context, row: Announcement, post: StatusPost) -> None:
    """Copy kind, state and times of *row* to what the status page reads."""
    for name in ("kind", "state", "starts_at", "ends_at", "published_at", "ended_at", "next_update_at"):
        setattr(post, name, getattr(row, name))
    post.changed_at = ctx.now


def add_public_update(ctx: Context, row: Announcement, body: str) -> StatusUpdate | None:
    """Add *body* to what the status page says of *row*; None for '' and for one that does not stand there."""
    post = queries.post_of(ctx, row) if body else None
    if post is None:
        return None
    require_public_writing(ctx, row)
    said = StatusUpdate(provider_id=ctx.provider_id, post_id=post.id, body=body, written_at=ctx.now)
    ctx.session.add(said)
    ctx.session.flush()
    return said


def delete_post(ctx: Context, post: StatusPost | None) -> None:
    """Delete *post*, if there is one, with its updates."""
    if post is not None:
        ctx.session.execute(delete(StatusUpdate).where(StatusUpdate.post_id == post.id))
        ctx.session.delete(post)
        ctx.session.flush()
