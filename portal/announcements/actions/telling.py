"""Telling each organization that an announcement reaches."""

import uuid
from dataclasses import dataclass

from portal.announcements import queries
from portal.announcements.models import Announcement, StatusUpdate
from portal.announcements.rules import PUBLIC_STATES
from portal.kernel.context import Context
from portal.kernel.events import record
from portal.kernel.system_context import as_system


@dataclass(frozen=True, slots=True)
class ToldPlace:
    """The place of an event that tells one organization of an announcement."""

    id: uuid.UUID
    organization_id: uuid.UUID
    account_id: uuid.UUID | None = None


def tell_organizations(ctx: Context, row: Announcement, about: str) -> None:
    """Record `announcement.told` for each organization that *row* reaches: its people may read it, and are notified by
    it. Each is delivered by itself."""
    with as_system(ctx) as inner:
        found = [one.id for one in queries.reached_organizations(inner, queries.reach_of(inner, row))]
    for organization_id in found:
        record(
            ctx,
            "announcement.told",
            ToldPlace(row.id, organization_id),
            about=about,
            kind=row.kind,
            emailed=row.mailed,
        )


def tell_subscribers(ctx: Context, row: Announcement, about: str, update: StatusUpdate | None = None) -> None:
    """Record `status.told` where the status page shows *row* and it is announced by email: whoever gets that page by
    email is told by it. *about*: `published`, `updated` or `ended`; *update*: what was said with it in public."""
    post = queries.post_of(ctx, row)
    if post is not None and row.mailed and row.state in PUBLIC_STATES:
        record(ctx, "status.told", post, about=about, update=str(update.id) if update is not None else "")
