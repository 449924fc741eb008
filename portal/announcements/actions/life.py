"""Drafting, changing, publishing, updating, ending and discarding, and what happens by itself."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete

from portal.announcements import queries
from portal.announcements.actions.rights import AnnouncementFacts, require_writing
from portal.announcements.actions.status_page import add_public_update, copy_to_post, delete_post
from portal.announcements.actions.telling import tell_organizations, tell_subscribers
from portal.announcements.models import (
    Announcement,
    AnnouncementTarget,
    AnnouncementUpdate,
)
from portal.announcements.rules import (
    ENDING_ALONE,
    RHYTHMS,
    UNPUBLISHED,
    AnnouncementKind,
    AnnouncementPlace,
    AnnouncementState,
    due_moment,
)
from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.kernel import outbox
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record, wake_after_commit
from portal.knowledge.queries.cases import marks_left

# The kind of due work that publishes, ends and reminds.
DUE = "announcement"


# Nothing is planned further ahead.
FURTHEST = dt.timedelta(days=2 * 366)


def write_draft(ctx: Context, facts: AnnouncementFacts) -> Announcement:
    """Store a new announcement that nobody outside of staff sees; records `announcement.drafted`. Raises Refused for
    what cannot be announced."""
    require(ctx.actor, Permission.ANNOUNCEMENT_WRITE)
    _check(ctx, facts)
    row = Announcement(
        provider_id=ctx.provider_id,
        state=AnnouncementState.DRAFT,
        author_id=ctx.actor.user_id,
        created_at=ctx.now,
        rhythm=0,
        version=1,
        **_columns(facts),
    )
    ctx.session.add(row)
    ctx.session.flush()
    _set_targets(ctx, row, facts.targets)
    record(ctx, "announcement.drafted", row, kind=row.kind)
    return row


def change(ctx: Context, row: Announcement, facts: AnnouncementFacts) -> None:
    """Change *row*, also after it was published; records `announcement.changed` with the names of what changed. Raises
    Conflict for an ended one, and Refused for what cannot be announced."""
    require_writing(ctx, row)
    if row.state == AnnouncementState.ENDED:
        raise Conflict(_("This announcement has ended."))
    _check(ctx, facts)
    changed = [name for name, value in _columns(facts).items() if getattr(row, name) != value]
    if _places(queries.targets_of(ctx, row)) != _places(facts.targets):
        changed.append("targets")
        _set_targets(ctx, row, facts.targets)
    if not changed:
        return
    for name, value in _columns(facts).items():
        setattr(row, name, value)
    _store(ctx, row)
    record(ctx, "announcement.changed", row, changed=changed)


def publish(ctx: Context, row: Announcement, *, rhythm: int = 0, at: dt.datetime | None = None) -> None:
    """Publish *row* now, or at a later moment by itself, and promise updates every *rhythm* minutes (0: none); records
    `announcement.published` or `announcement.scheduled`. Everybody whom it reaches is told. Raises Conflict for one
    that is published already."""
    require_writing(ctx, row)
    if row.state not in UNPUBLISHED:
        raise Conflict(_("This announcement was published already."))
    if marks := marks_left(row.title, row.body):
        raise Conflict(
            _("The text still has marks of removed words: %(marks)s. Edit it first.", marks=", ".join(marks))
        )
    _check_rhythm(rhythm)
    row.rhythm = rhythm
    if at is not None and at > ctx.now:
        if at > ctx.now + FURTHEST:
            raise Refused(_("Choose a time within the next two years"), "at")
        row.state, row.publish_at = AnnouncementState.SCHEDULED, at
        _store(ctx, row)
        record(ctx, "announcement.scheduled", row, at=at.isoformat())
        return
    _publish(ctx, row)


def _publish(ctx: Context, row: Announcement) -> None:
    if row.kind == AnnouncementKind.OUTAGE and row.starts_at is None:
        row.starts_at = ctx.now
    row.state, row.published_at = AnnouncementState.PUBLISHED, ctx.now
    _promise_next(ctx, row)
    _store(ctx, row)
    record(ctx, "announcement.published", row, kind=row.kind)
    tell_organizations(ctx, row, "published")
    tell_subscribers(ctx, row, "published")


def write_update(ctx: Context, row: Announcement, *, body: str, rhythm: int, public: str = "") -> None:
    """Add an update to a published announcement, and promise the next one in *rhythm* minutes (0: none). *public* is
    what the status page says of it ('': nothing). Records `announcement.updated`; everybody whom it reaches is told.
    Raises Conflict for any other state."""
    require_writing(ctx, row)
    _require_published(row)
    _check_rhythm(rhythm)
    row.rhythm = rhythm
    _add_update(ctx, row, body)
    said = add_public_update(ctx, row, public)
    _promise_next(ctx, row)
    _store(ctx, row)
    record(ctx, "announcement.updated", row, kind=row.kind)
    tell_organizations(ctx, row, "updated")
    if said is not None:
        tell_subscribers(ctx, row, "updated", said)


def end(ctx: Context, row: Announcement, *, body: str = "", public: str = "") -> None:
    """End a published announcement, with a last update where there is something to say; records `announcement.ended`.
    Everybody whom it reaches is told. Raises Conflict for any other state."""
    require_writing(ctx, row)
    _require_published(row)
    if body:
        _add_update(ctx, row, body, final=True)
    said = add_public_update(ctx, row, public)
    _end(ctx, row)
    record(ctx, "announcement.ended", row, kind=row.kind)
    tell_organizations(ctx, row, "ended")
    tell_subscribers(ctx, row, "ended", said)


def _end(ctx: Context, row: Announcement) -> None:
    row.state, row.ended_at, row.next_update_at = AnnouncementState.ENDED, ctx.now, None
    _store(ctx, row)


def discard(ctx: Context, row: Announcement) -> None:
    """Delete an announcement that was never published; records `announcement.discarded`. Raises Conflict for any
    other: what customers read stays."""
    require_writing(ctx, row)
    if row.state not in UNPUBLISHED:
        raise Conflict(_("This announcement was published already. End it instead."))
    record(ctx, "announcement.discarded", row, kind=row.kind)
    outbox.unschedule(ctx.session, ctx.provider_id, DUE, row.id)
    delete_post(ctx, queries.post_of(ctx, row))
    _set_targets(ctx, row, [])
    ctx.session.delete(row)
    ctx.session.flush()


def act_when_due(ctx: Context, row: Announcement) -> None:
    """What happens with *row* by itself at this moment: it is published, it ends, or staff are reminded, once for each
    moment that passed. The system acts."""
    if row.state == AnnouncementState.SCHEDULED and row.publish_at is not None and row.publish_at <= ctx.now:
        _publish(ctx, row)
        return
    is_over = row.ends_at is not None and row.ends_at <= ctx.now
    if row.state == AnnouncementState.PUBLISHED and row.kind in ENDING_ALONE and is_over:
        _end(ctx, row)
        record(ctx, "announcement.expired", row, kind=row.kind)
        if queries.join_counts(ctx, row).people:
            # Whom it hit is asked whether it works again.
            tell_organizations(ctx, row, "ended")
        return
    due = due_moment(row)
    if row.state == AnnouncementState.PUBLISHED and due is not None and due <= ctx.now:
        row.reminded_at = ctx.now
        record(ctx, "announcement.update_due", row, kind=row.kind, author=str(row.author_id))
    _schedule(ctx, row)


def _columns(facts: AnnouncementFacts) -> dict[str, Any]:
    return {one.name: getattr(facts, one.name) for one in fields(facts) if one.name != "targets"}


def _places(targets: Sequence[Any]) -> set[tuple[Any, ...]]:
    return {(one.account_id, one.environment_id, one.service_id) for one in targets}


def _check(ctx: Context, facts: AnnouncementFacts) -> None:
    if facts.kind not in list(AnnouncementKind):
        raise Refused(_("Choose one of the answers shown"), "kind")
    if facts.starts_at is not None and facts.ends_at is not None and facts.ends_at <= facts.starts_at:
        raise Refused(_("The end must be after the beginning"), "ends_at")
    if facts.kind == AnnouncementKind.MAINTENANCE and (facts.starts_at is None or facts.ends_at is None):
        missing = "starts_at" if facts.starts_at is None else "ends_at"
        raise Refused(_("Maintenance needs a beginning and an end"), missing)
    if any(at is not None and abs(at - ctx.now) > FURTHEST for at in (facts.starts_at, facts.ends_at)):
        raise Refused(_("Choose a time within the next two years"), "ends_at" if facts.ends_at else "starts_at")
    if not facts.everybody and not facts.targets:
        raise Refused(_("Choose at least one account, environment or service"), "targets")
    if ctx.actor.all_accounts or ctx.actor.is_system:
        return
    if facts.everybody or any(one.service_id is not None for one in facts.targets):
        raise Refused(_("Choose among the accounts that you look after"), "targets")


def _check_rhythm(rhythm: int) -> None:
    if rhythm not in RHYTHMS:
        raise Refused(_("Choose one of the answers shown"), "rhythm")


def _require_published(row: Announcement) -> None:
    if row.state == AnnouncementState.ENDED:
        raise Conflict(_("This announcement has ended."))
    if row.state != AnnouncementState.PUBLISHED:
        raise Conflict(_("This announcement was not published yet."))


def _set_targets(ctx: Context, row: Announcement, targets: Sequence[AnnouncementPlace]) -> None:
    ctx.session.execute(delete(AnnouncementTarget).where(AnnouncementTarget.announcement_id == row.id))
    ctx.session.add_all(
        AnnouncementTarget(
            provider_id=ctx.provider_id,
            announcement_id=row.id,
            organization_id=one.organization_id,
            account_id=one.account_id,
            environment_id=one.environment_id,
            service_id=one.service_id,
        )
        for one in targets
    )
    ctx.session.flush()


def _add_update(ctx: Context, row: Announcement, body: str, *, final: bool = False) -> None:
    ctx.session.add(
        AnnouncementUpdate(
            provider_id=ctx.provider_id,
            announcement_id=row.id,
            body=body,
            final=final,
            author_id=ctx.actor.user_id,
            written_at=ctx.now,
        )
    )


def _promise_next(ctx: Context, row: Announcement) -> None:
    row.next_update_at = ctx.now + dt.timedelta(minutes=row.rhythm) if row.rhythm else None


def _store(ctx: Context, row: Announcement) -> None:
    row.version += 1
    post = queries.post_of(ctx, row)
    if post is not None:
        copy_to_post(ctx, row, post)
    ctx.session.flush()
    _schedule(ctx, row)


def _schedule(ctx: Context, row: Announcement) -> None:
    due = due_moment(row)
    if due is None:
        outbox.unschedule(ctx.session, ctx.provider_id, DUE, row.id)
        return
    outbox.schedule(ctx.session, ctx.provider_id, DUE, row.id, due)
    if due <= ctx.now:
        wake_after_commit(ctx)
