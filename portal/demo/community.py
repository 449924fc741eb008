"""The community of a demo provider, written through the actions that people use."""

from collections.abc import Sequence
from dataclasses import replace

from portal.community.actions import spaces, writing
from portal.community.actions.spaces import SpaceFacts
from portal.community.models import CommunitySpace
from portal.community.queries import topics as queries
from portal.demo.build import BuiltProvider
from portal.demo.specs import SpaceSpec, TopicSpec
from portal.kernel.context import Context
from portal.kernel.database import Tenancy, bind
from portal.sla.queries.calendars import calendars
from portal.tenants.queries import actors


def play_community(ctx: Context, built: BuiltProvider, specs: Sequence[SpaceSpec]) -> None:
    """Let all *specs* happen; *ctx* is the system's. An official answer is due in the hours of the first calendar."""
    bind(ctx.session, Tenancy.of(ctx.actor))
    hours = next(iter(calendars(ctx)), None)
    for spec in specs:
        admin = _acting(ctx, built, spec.by)
        facts = SpaceFacts(
            spec.name,
            spec.description,
            everybody=not spec.organizations,
            organizations=[built.organizations[name].id for name in spec.organizations],
            aliased=spec.aliased,
            due_hours=spec.due_hours,
            calendar_id=hours.id if hours is not None else None,
        )
        space = spaces.add_space(admin, facts)
        spaces.watch_space(admin, space, watches=True)
        for topic in sorted(spec.topics, key=lambda one: one.ago, reverse=True):
            _play(ctx, built, space, topic)
    bind(ctx.session, Tenancy.of(ctx.actor))


def _play(ctx: Context, built: BuiltProvider, space: CommunitySpace, spec: TopicSpec) -> None:
    author = _acting(ctx, built, spec.by)
    author.now = at = ctx.now - spec.ago
    topic = writing.start_topic(author, space, title=spec.title, body=spec.body)
    for after, who, text, how in spec.answers:
        at += after
        person = _acting(ctx, built, who)
        person.now = at
        row = queries.topic(person, topic.id, lock=True)
        answer = writing.write_answer(person, row, text, official=how == "official")
        if how == "accepted":
            author = _acting(ctx, built, spec.by)
            author.now = at
            writing.set_accepted(author, queries.post(author, answer.id, lock=True), accepted=True)


def _acting(ctx: Context, built: BuiltProvider, key: str) -> Context:
    """A context of somebody where they usually stand: on the desk, or on the portal."""
    bind(ctx.session, Tenancy.of(ctx.actor))
    person = built.people[key]
    staff = actors.staff_actors(ctx, [person])
    actor = staff[person.id] if person.id in staff else actors.contact_actors(ctx, [person])[person.id]
    acting = replace(ctx, actor=actor, person=person, channel="desk" if actor.is_staff else "portal", caches={})
    bind(ctx.session, Tenancy.of(actor))
    return acting
