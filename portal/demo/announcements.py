"""The announcements of the demo, written and published by the actions that staff use."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from portal.announcements import actions
from portal.announcements.actions import AnnouncementFacts
from portal.announcements.rules import AnnouncementPlace
from portal.demo.build import BuiltProvider
from portal.demo.specs import AnnouncementSpec
from portal.kernel.context import Context
from portal.kernel.database import Tenancy, bind
from portal.tenants.queries import actors


def play_announcements(ctx: Context, built: BuiltProvider, specs: Sequence[AnnouncementSpec]) -> None:
    """Let all *specs* happen; *ctx* is the system's."""
    for spec in specs:
        bind(ctx.session, Tenancy.of(ctx.actor))
        person = built.people[spec.by]
        staff = replace(ctx, actor=actors.staff_actors(ctx, [person])[person.id], person=person, channel="desk")
        bind(ctx.session, Tenancy.of(staff.actor))
        _play(staff, built, spec)
    bind(ctx.session, Tenancy.of(ctx.actor))


def _play(ctx: Context, built: BuiltProvider, spec: AnnouncementSpec) -> None:
    now = ctx.now
    ctx.now = now - spec.ago
    begins = _full_hour(now + spec.begins) if spec.begins is not None else None
    facts = AnnouncementFacts(
        kind=spec.kind,
        title=spec.title,
        body=spec.body,
        everybody=not spec.environments,
        targets=[_target(built, account, name) for account, name in spec.environments],
        starts_at=begins,
        ends_at=begins + spec.lasts if begins is not None and spec.lasts is not None else None,
    )
    row = actions.write_draft(ctx, facts)
    if spec.public is not None:
        actions.show_in_public(ctx, row, title=spec.public[0], body=spec.public[1])
    actions.publish(ctx, row, rhythm=spec.rhythm)
    for after, text in spec.updates:
        ctx.now += after
        if (after, text) == spec.updates[-1] and spec.ended:
            actions.end(ctx, row, body=text, public=spec.public[2] if spec.public is not None else "")
        else:
            actions.write_update(ctx, row, body=text, rhythm=spec.rhythm)


def _full_hour(moment: dt.datetime) -> dt.datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _target(built: BuiltProvider, account: str, environment: str) -> AnnouncementPlace:
    row = built.environments[account, environment]
    return AnnouncementPlace(account_id=row.account_id, organization_id=row.organization_id, environment_id=row.id)
