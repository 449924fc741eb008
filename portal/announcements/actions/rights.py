"""What staff write of an announcement, and who may."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from portal.announcements import queries
from portal.announcements.models import (
    Announcement,
)
from portal.announcements.rules import (
    AnnouncementPlace,
)
from portal.authz.access import can, require
from portal.authz.permissions import Permission
from portal.kernel.context import Context
from portal.kernel.errors import Forbidden


@dataclass(frozen=True, slots=True)
class AnnouncementFacts:
    """What staff write of an announcement."""

    kind: str
    title: str
    body: str
    everybody: bool = False
    targets: Sequence[AnnouncementPlace] = ()
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    mailed: bool = True


def may_write(ctx: Context, row: Announcement) -> bool:
    """Whether the actor may change *row*: with the permission, and only if every place of it is one of theirs."""
    if not can(ctx.actor, Permission.ANNOUNCEMENT_WRITE):
        return False
    if ctx.actor.is_system or ctx.actor.all_accounts:
        return True
    targets = queries.targets_of(ctx, row)
    inside = not row.everybody and all(one.service_id is None for one in targets)
    return inside and len(targets) == queries.count_targets(ctx, row)


def require_writing(ctx: Context, row: Announcement) -> None:
    """Raise Forbidden unless the actor `may_write` *row*."""
    require(ctx.actor, Permission.ANNOUNCEMENT_WRITE)
    if not may_write(ctx, row):
        raise Forbidden(_("It is also for accounts that you do not look after. Somebody who does can change it."))
