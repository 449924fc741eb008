"""FEATURES 2.6: topics without an official or accepted answer after N hours are marked, and watchers told once."""

import datetime as dt

import pytest

from portal.community.actions import moderation, spaces, writing
from portal.community.actions.spaces import SpaceFacts
from portal.community.models import CommunityTopic
from portal.kernel.events import Event
from portal.sla.actions.calendars import add_calendar
from portal.sla.engine.calendar import WEEKDAYS

HOUR = dt.timedelta(hours=1)
OFFICE = {"zone": "Europe/Warsaw", "week": {day: ["09:00-17:00"] for day in WEEKDAYS[:5]}}


@pytest.fixture
def told(world):
    """The events by which the watchers of a space are told."""
    return lambda: [row for row in world.rows(Event) if row.name == "community.unanswered"]


def test_H8_without_a_promise_nothing_is_due(world, add_space, ask):
    assert ask(add_space()).due_at is None


def test_H8_an_unanswered_topic_is_marked_and_told_once(world, add_space, ask, travel, run_outbox, told):
    topic = ask(add_space("Prompt", due_hours=4))
    assert topic.due_at == topic.shown_at + 4 * HOUR
    travel(hours=3.9)
    run_outbox()
    assert world.row(CommunityTopic, topic).overdue_at is None
    for hours in (0.2, 10, 10):
        travel(hours=hours)
        run_outbox()
    world.session.refresh(topic)
    assert topic.overdue_at is not None and len(told()) == 1


@pytest.mark.parametrize("way", ["official", "accepted", "closed", "hidden"])
def test_H8_an_answer_or_the_end_of_a_topic_stops_its_time(
    world, add_space, ask, reply, question, locked, travel, run_outbox, told, way
):
    topic = ask(add_space("Prompt", due_hours=4))
    reply(topic)
    world.session.refresh(topic)
    assert topic.due_at is not None, "what another customer says is no official answer"
    if way == "official":
        reply(topic, "From us.", by="ana", official=True)
    elif way == "accepted":
        writing.set_accepted(ctx := world.ctx("rita", "contact"), locked(ctx, reply(topic)), accepted=True)
    elif way == "closed":
        from portal.community.queries.topics import topic as load

        moderation.set_closed(ctx := world.ctx("lee"), load(ctx, topic.id, lock=True), closed=True)
    else:
        moderation.hide_post(ctx := world.ctx("lee"), locked(ctx, question(topic)), "Personal data")
    world.session.refresh(topic)
    assert topic.due_at is None
    travel(hours=5)
    run_outbox()
    assert not told()


def test_H8_business_hours_of_the_calendar_count(world, add_space, ask):
    calendar = add_calendar(world.ctx("ada"), name="Office", content=OFFICE)
    topic = ask(add_space("Prompt", due_hours=9, calendar_id=calendar.id))
    local = topic.due_at.astimezone(dt.timezone(HOUR))
    assert topic.due_at > topic.shown_at + 9 * HOUR, "nine office hours are never one day's"
    assert 8 <= local.hour <= 18 and local.weekday() < 5


def test_H8_the_time_of_held_questions_begins_when_they_are_shown(world, add_space, ask, question, locked, travel):
    topic = ask(add_space("Careful", holds_first=True, due_hours=4))
    assert topic.due_at is None
    travel(hours=10)
    moderation.approve_post(ctx := world.ctx("lee"), locked(ctx, question(topic)))
    world.session.refresh(topic)
    assert topic.due_at == ctx.now + 4 * HOUR


def test_H8_a_new_promise_moves_what_waits(world, add_space, ask):
    from portal.community.queries.spaces import space as load

    space = add_space("Prompt", due_hours=4)
    topic = ask(space)
    ctx = world.ctx("ada")
    spaces.change_space(ctx, load(ctx, space.id, lock=True), SpaceFacts("Prompt", everybody=True, due_hours=8))
    world.session.refresh(topic)
    assert topic.due_at == topic.shown_at + 8 * HOUR
    spaces.change_space(ctx, load(ctx, space.id, lock=True), SpaceFacts("Prompt", everybody=True))
    world.session.refresh(topic)
    assert topic.due_at is None
