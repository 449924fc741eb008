"""Spaces and topics for the tests, made through the actions that people use."""

import uuid
from collections.abc import Sequence
from typing import Any

from portal.community.actions import moderation, private_cases, spaces, writing
from portal.community.actions.spaces import SpaceFacts
from portal.community.models import CommunityPost, CommunitySpace, CommunityTopic
from portal.community.queries import topics as queries
from portal.sla.actions.calendars import add_calendar
from tests.support.world import World


def add_space(
    world: World, name: str = "Exchange", *, by: str = "ada", clients: Sequence[str] = (), **facts: Any
) -> Any:
    """A space of *by*: for the organizations with these names, or for everybody."""
    named = [world.provider_world_of(by).organizations[client].id for client in clients]
    return spaces.add_space(world.ctx(by, "staff"), SpaceFacts(name, everybody=not named, organizations=named, **facts))


def ask(
    world: World,
    space: CommunitySpace,
    title: str = "Export loses commas",
    *,
    by: str = "rita",
    body: str = "Each line of the file is one cell.",
) -> CommunityTopic:
    """A topic of *by* in *space*."""
    ctx = world.ctx(by, "contact")
    return writing.start_topic(ctx, ctx.session.get_one(CommunitySpace, space.id), title=title, body=body)


def reply(
    world: World, topic: CommunityTopic, body: str = "Choose semicolons.", *, by: str = "gil", official: bool = False
) -> CommunityPost:
    """An answer of *by*, of staff as staff."""
    ctx = world.ctx(by, "staff" if world.person(by).side == "staff" else "contact")
    return writing.write_answer(ctx, queries.topic(ctx, topic.id, lock=True), body, official=official)


def fill_space(world: World, *, admin: str, asker: str, other: str, organizations: Sequence[uuid.UUID]) -> None:
    """A space for *organizations* with a topic that has everything: versions, votes, reports, a hidden and a held
    answer, a block."""
    hours = add_calendar(world.ctx(admin, "staff"), name=f"Hours of {asker}", content={"always": True})
    facts = SpaceFacts("Exchange", organizations=organizations, holds_first=True, due_hours=4, calendar_id=hours.id)
    space = spaces.add_space(world.ctx(admin, "staff"), facts)
    spaces.watch_space(world.ctx(admin, "staff"), space, watches=True)
    topic = ask(world, space, by=asker)
    staff = world.ctx(admin, "staff")
    moderation.approve_post(staff, queries.post(staff, queries.question_of(staff, topic).id, lock=True))
    ctx = world.ctx(asker, "contact")
    question = queries.post(ctx, queries.question_of(ctx, topic).id, lock=True)
    staff = world.ctx(admin, "staff")
    private_cases.propose_case(staff, queries.post(staff, question.id, lock=True))
    ctx = world.ctx(asker, "contact")
    question = queries.post(ctx, question.id, lock=True)
    writing.edit_post(ctx, question, title="Export", body="Each line is one cell.")
    held = reply(world, topic, by=other)
    ctx = world.ctx(other, "contact")
    writing.set_helpful(ctx, queries.post(ctx, question.id, lock=True), helpful=True)
    writing.report_post(ctx, queries.post(ctx, question.id, lock=True), "It names somebody")
    staff = world.ctx(admin, "staff")
    moderation.hide_post(staff, queries.post(staff, held.id, lock=True), "Advertising")
    reply(world, topic, "Wait for my approval.", by=other)
    staff = world.ctx(admin, "staff")
    moderation.block_person(staff, world.person(other).id, why="Advertising", days=1)


def fill_pages(world: World) -> dict[str, list[uuid.UUID]]:
    """A space, a topic and texts that show every form of their pages; by the kind of address."""
    space = add_space(world, "For pages")
    topic = ask(world, space, "A printer in the community")
    answer = reply(world, topic, "Turn it off and on.")
    staff = world.ctx("ana", "staff")
    question = queries.post(staff, queries.question_of(staff, topic).id, lock=True)
    private_cases.propose_case(staff, question)
    official = reply(world, topic, "Or ask us.", by="ana", official=True)
    return {
        "community_space": [space.id],
        "community_topic": [topic.id],
        "community_post": [question.id, answer.id, official.id],
    }


def fill_spaces(world: World) -> None:
    """A space for everybody and one for each client, each with a topic and an answer: `read_spellings` tells them apart
    by the last word of the titles."""
    plans = (
        ("everybody", "ada", "rita", ()),
        ("acme", "ada", "rita", ("Acme",)),
        ("globex", "ada", "gil", ("Globex",)),
        ("everybody", "sue", "rob", ()),
    )
    for which, admin, asker, clients in plans:
        space = add_space(world, f"Space {which}", by=admin, clients=clients)
        topic = ask(world, space, f"Of {which}", by=asker, body=f"Secret of the community {which}")
        reply(world, topic, f"Answer of the community {which}", by=asker)
