"""Ways to make announcements in tests, through the actions that people use."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from portal.announcements import actions
from portal.announcements.actions import AnnouncementFacts
from portal.announcements.models import Announcement
from portal.announcements.rules import AnnouncementPlace
from portal.tenants.models import Service
from tests.support.world import World

HOUR = dt.timedelta(hours=1)


def account_target(world: World, key: str, environment: str = "", by: str = "lee") -> AnnouncementPlace:
    """A target at the provider of *by*: an account, or one environment of it."""
    provider_world = world.provider_world_of(by)
    place: Any = provider_world.accounts[key]
    return AnnouncementPlace(
        account_id=place.id,
        organization_id=place.organization_id,
        environment_id=provider_world.environments[key, environment].id if environment else None,
    )


def say_in_public(world: World, row: Announcement, *, by: str = "lee") -> Announcement:
    """*row* on the status page, in other words than for clients."""
    actions.show_in_public(world.ctx(by, "staff"), row, title="Some people cannot work", body="We are **at it**.")
    return row


def write_announcement(
    world: World,
    title: str = "The VPN is down",
    *,
    accounts: Sequence[str] = (),
    environments: Sequence[tuple[str, str]] = (),
    services: Sequence[str] = (),
    kind: str = "outage",
    state: str = "published",
    by: str = "lee",
    rhythm: int = 0,
    body: str = "Nobody can connect. We are looking for the cause.",
    **facts: Any,
) -> Announcement:
    """An announcement of *by* in *state*; for everybody where no place is named."""
    targets = [account_target(world, key, by=by) for key in accounts]
    targets += [account_target(world, key, name, by) for key, name in environments]
    ctx = world.ctx(by, "staff")
    if services:
        bought = {row.key: row.id for row in ctx.session.query(Service)}
        targets += [AnnouncementPlace(service_id=bought[key]) for key in services]
    if kind == "maintenance":
        facts = {"starts_at": ctx.now + HOUR, "ends_at": ctx.now + 3 * HOUR, **facts}
    row = actions.write_draft(
        ctx, AnnouncementFacts(kind, title, body, everybody=not targets, targets=targets, **facts)
    )
    if state != "draft":
        actions.publish(ctx, row, rhythm=rhythm)
    if state == "ended":
        actions.end(ctx, row)
    return row
