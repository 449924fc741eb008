"""Kinds and states of announcements, what is current at a moment, and whom an announcement reaches: pure rules."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from portal.kernel.actor import Access


class AnnouncementKind(StrEnum):
    """What an announcement is about."""

    OUTAGE = "outage"
    MAINTENANCE = "maintenance"
    WORKAROUND = "workaround"
    NOTICE = "notice"


class AnnouncementState(StrEnum):
    """Only published and ended ones are seen by customers."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    ENDED = "ended"


# What can hit somebody too: a notice is only news.
JOINABLE = (AnnouncementKind.OUTAGE, AnnouncementKind.MAINTENANCE, AnnouncementKind.WORKAROUND)
PUBLIC_STATES = (AnnouncementState.PUBLISHED, AnnouncementState.ENDED)
UNPUBLISHED = (AnnouncementState.DRAFT, AnnouncementState.SCHEDULED)
# The end of these is their last day: afterwards they end by themselves. Work that is late must be ended by somebody.
ENDING_ALONE = (AnnouncementKind.NOTICE, AnnouncementKind.WORKAROUND)
# Minutes between two updates that a provider may promise; 0: none is promised.
RHYTHMS = (0, 30, 60, 120, 240, 480, 1440)


def is_current(row: Any, now: dt.datetime) -> bool:
    """Whether *row* (an announcement, or a row with its columns) goes on at *now*: not planned, and not over."""
    if row.state != AnnouncementState.PUBLISHED or (row.starts_at is not None and row.starts_at > now):
        return False
    return row.kind not in ENDING_ALONE or row.ends_at is None or row.ends_at > now


def is_planned(row: Any, now: dt.datetime) -> bool:
    """Whether *row* is published and begins after *now*."""
    return row.state == AnnouncementState.PUBLISHED and row.starts_at is not None and row.starts_at > now


def due_moment(row: Any) -> dt.datetime | None:
    """When something must happen with *row* by itself: its publication, its end, or a reminder of staff."""
    if row.state == AnnouncementState.SCHEDULED:
        return row.publish_at
    if row.state != AnnouncementState.PUBLISHED:
        return None
    moments: list[dt.datetime | None] = [row.next_update_at, row.ends_at]
    reminded = row.reminded_at
    return min((one for one in moments if one is not None and (reminded is None or one > reminded)), default=None)


@dataclass(frozen=True, slots=True)
class AnnouncementPlace:
    """Whom an announcement is for: an account, one environment of it, or whoever bought a service."""

    account_id: uuid.UUID | None = None
    organization_id: uuid.UUID | None = None
    environment_id: uuid.UUID | None = None
    service_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """The places that an announcement reaches: all, or accounts as a whole and environments with their accounts."""

    everybody: bool = False
    accounts: frozenset[uuid.UUID] = frozenset()
    environments: dict[uuid.UUID, uuid.UUID] = field(default_factory=dict)

    def hits(self, access: Access) -> bool:
        """Whether the place of an access row is reached. Somebody with one environment of an account is reached by an
        announcement for the account; somebody with the account by one for any of its environments."""
        if self.everybody or access.account_id in self.accounts:
            return True
        if access.environment_id is not None:
            return access.environment_id in self.environments
        return access.account_id in self.environments.values()

    def first_organization(self, access: Iterable[Access]) -> uuid.UUID | None:
        """The organization through which somebody with *access* is reached, always the same one; None for nobody."""
        return min((row.organization_id for row in access if self.hits(row)), default=None)
