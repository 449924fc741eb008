"""FEATURES H8: ask, answer, correct, accept, find helpful, follow, report; limits of one person."""

import pytest

from portal.community.actions import moderation, writing
from portal.community.models import CommunityPost, CommunityReport, CommunityTopic, CommunityVote
from portal.community.queries import topics
from portal.community.rules import MOST_POSTS, MOST_REPORTS, MOST_TOPICS
from portal.kernel.errors import Conflict, Forbidden, NotFound, Refused, TooMany
from portal.kernel.events import Event


@pytest.fixture
def space(add_space):
    return add_space()


@pytest.fixture
def topic(space, ask):
    return ask(space)


def test_H8_an_accepted_answer_solves_a_topic(world, topic, reply, locked):
    answer, better = reply(topic), reply(topic, "Or tabs.", by="gina")
    with pytest.raises(Forbidden):
        writing.set_accepted(ctx := world.ctx("gil", "contact"), locked(ctx, answer), accepted=True)
    writing.set_accepted(ctx := world.ctx("rita", "contact"), locked(ctx, answer), accepted=True)
    writing.set_accepted(ctx := world.ctx("ana"), locked(ctx, better), accepted=True)
    world.session.refresh(topic)
    assert topic.solved_at is not None and topic.answered_at == topic.solved_at
    assert [row.accepted for row in world.rows(CommunityPost, CommunityPost.opens.is_(False))] == [False, True]
    writing.set_accepted(ctx := world.ctx("rita", "contact"), locked(ctx, better), accepted=False)
    world.session.refresh(topic)
    assert (topic.solved_at, topic.answered_at) == (None, None)


def test_H8_only_staff_answer_officially(world, topic, reply):
    assert not reply(topic, by="gil", official=True).official
    assert reply(topic, "From us.", by="ana", official=True).official
    world.session.refresh(topic)
    assert topic.official_at is not None
    with pytest.raises(Forbidden):
        reply(topic, "Only reading.", by="aud")


def test_H8_a_question_is_no_answer(world, topic, question, locked):
    with pytest.raises(Conflict):
        writing.set_accepted(ctx := world.ctx("rita", "contact"), locked(ctx, question(topic)), accepted=True)


def test_H8_helpful_counts_once_a_person_and_never_for_oneself(world, topic, reply, locked):
    answer = reply(topic)
    for who in ("rita", "rita", "olga"):
        writing.set_helpful(ctx := world.ctx(who, "contact"), locked(ctx, answer), helpful=True)
    world.session.refresh(answer)
    assert answer.helpful == 2 and len(world.rows(CommunityVote)) == 2
    writing.set_helpful(ctx := world.ctx("rita", "contact"), locked(ctx, answer), helpful=False)
    world.session.refresh(answer)
    assert answer.helpful == 1
    with pytest.raises(Conflict):
        writing.set_helpful(ctx := world.ctx("gil", "contact"), locked(ctx, answer), helpful=True)


def test_H8_an_edit_keeps_what_was_there_before(world, topic, question, locked):
    ctx = world.ctx("rita", "contact")
    writing.edit_post(ctx, locked(ctx, question(topic)), title="Export", body="One cell a line.")
    writing.edit_post(ctx, locked(ctx, question(topic)), title="Export", body="One cell a line.")
    row = world.row(CommunityTopic, topic)
    assert row.title == "Export"
    assert question(topic).edited_at is not None and question(topic).version == 2
    for who, side, count in (("rita", "contact", 1), ("ana", "staff", 1), ("gil", "contact", 0)):
        reader = world.ctx(who, side)
        versions = topics.versions_of(reader, topics.post(reader, question(topic).id))
        assert len(versions) == count, who
    with pytest.raises(Forbidden):
        writing.edit_post(ctx := world.ctx("gil", "contact"), locked(ctx, question(topic)), title="x", body="y")
    with pytest.raises(Forbidden):
        writing.edit_post(ctx := world.ctx("ada"), locked(ctx, question(topic)), title="x", body="y")
    assert topics.topics_page(world.ctx("gil", "contact"), "newest", q="cell").rows == [row]


def test_H8_a_second_press_writes_nothing_twice(world, space, topic, ask, reply):
    assert ask(space).id == topic.id
    assert reply(topic).id == reply(topic).id
    assert len(world.rows(CommunityPost)) == 2


def test_H8_a_closed_topic_takes_no_answers(world, topic, reply):
    ctx = world.ctx("lee")
    moderation.set_closed(ctx, topics.topic(ctx, topic.id, lock=True), closed=True)
    with pytest.raises(Forbidden, match="This topic is closed"):
        reply(topic)
    with pytest.raises(Conflict):
        moderation.set_closed(ctx, topics.topic(ctx, topic.id, lock=True), closed=True)
    moderation.set_closed(ctx, topics.topic(ctx, topic.id, lock=True), closed=False)
    assert reply(topic)


def test_H8_one_person_cannot_flood_the_community(world, space, topic, ask, reply, travel):
    for number in range(MOST_TOPICS - 1):
        ask(space, f"Question {number}", body=f"Text {number}")
    with pytest.raises(TooMany):
        ask(space, "One more", body="One more")
    for number in range(MOST_POSTS):
        reply(topic, f"Answer {number}")
    with pytest.raises(TooMany):
        reply(topic, "One more")
    assert reply(topic, "Somebody else", by="gina")
    travel(hours=1.1)
    assert ask(space, "One more", body="One more") and reply(topic, "One more")


def test_H8_reports_are_bounded_and_reach_staff_once(world, topic, reply, locked, travel):
    answer = reply(topic)
    ctx = world.ctx("rita", "contact")
    writing.report_post(ctx, locked(ctx, answer), "Advertising")
    for why, fault in (("Again", Conflict), ("", Refused)):
        with pytest.raises(fault):
            writing.report_post(ctx, locked(ctx, answer), why)
    with pytest.raises(Conflict):
        writing.report_post(ctx := world.ctx("gil", "contact"), locked(ctx, answer), "It is mine")
    assert [row.why for row in world.rows(CommunityReport)] == ["Advertising"]
    ctx = world.ctx("rita", "contact")
    for number in range(MOST_REPORTS):
        other = reply(topic, f"More {number}", by="gina")
        if number < MOST_REPORTS - 1:
            writing.report_post(ctx, locked(ctx, other), "Advertising")
    with pytest.raises(TooMany):
        writing.report_post(ctx, locked(ctx, other), "Advertising")


def test_H8_who_is_in_copy_of_a_case_is_no_customer_here(world, topic, reply):
    with pytest.raises(NotFound):
        topics.topic(world.ctx("ana", "contact"), topic.id)


def test_H8_events_of_a_topic_tell_other_clients_nothing(world, topic, reply):
    """Their rows belong to nobody's organization: only who acted reads them."""
    reply(topic)
    events = [row for row in world.rows(Event) if row.subject_id == topic.id and row.name != "community.told"]
    assert {row.organization_id for row in events} == {None}
    assert {row.name for row in events} == {"community.topic_started", "community.answered"}
