"""FEATURES H8: first posts wait, reports are decided, texts are hidden and restored, people are blocked."""

import pytest

from portal.community.actions import moderation, writing
from portal.community.models import CommunityMember, CommunityReport, CommunityTopic
from portal.community.queries import topics
from portal.kernel.errors import Conflict, Forbidden, NotFound, Refused


def test_H8_the_first_post_of_a_person_waits_for_approval(world, add_space, ask, reply, question, locked):
    space = add_space("Careful", holds_first=True)
    topic = ask(space)
    for who in ("rita", "ana"):
        with pytest.raises(Forbidden):
            moderation.approve_post(ctx := world.ctx(who), locked(ctx, question(topic)))
    ctx = world.ctx("lee")
    moderation.approve_post(ctx, locked(ctx, question(topic)))
    world.session.refresh(topic)
    assert topic.state == "shown" and topic.shown_at == ctx.now
    assert topics.topic(world.ctx("gil", "contact"), topic.id)
    assert ask(space, "A second one", body="Not held").state == "shown"
    answer = reply(topic)
    world.session.refresh(topic)
    assert (answer.state, topic.answers) == ("held", 0)
    assert reply(topic, "From us.", by="ana").state == "shown"
    with pytest.raises(Conflict):
        moderation.approve_post(ctx := world.ctx("lee"), locked(ctx, question(topic)))


def test_H8_a_hidden_answer_is_gone_for_customers_and_no_longer_solves(world, add_space, ask, reply, locked):
    topic = ask(add_space())
    answer = reply(topic)
    writing.set_accepted(ctx := world.ctx("rita", "contact"), locked(ctx, answer), accepted=True)
    writing.report_post(ctx := world.ctx("rita", "contact"), locked(ctx, answer), "Advertising")
    with pytest.raises(Refused):
        moderation.hide_post(ctx := world.ctx("lee"), locked(ctx, answer), "")
    moderation.hide_post(ctx := world.ctx("lee"), locked(ctx, answer), "Advertising")
    world.session.refresh(topic)
    assert (topic.answers, topic.solved_at) == (0, None)
    assert world.rows(CommunityReport)[0].decided_at is not None
    with pytest.raises(NotFound):
        topics.post(world.ctx("rita", "contact"), answer.id)
    mine = topics.post(world.ctx("gil", "contact"), answer.id)
    assert (mine.state, mine.hidden_why) == ("hidden", "Advertising")
    with pytest.raises(Forbidden):
        writing.edit_post(ctx := world.ctx("gil", "contact"), locked(ctx, answer), title="", body="Better")
    moderation.restore_post(ctx := world.ctx("lee"), locked(ctx, answer))
    assert topics.post(world.ctx("rita", "contact"), answer.id)


def test_H8_hiding_a_question_hides_its_topic_everywhere(world, add_space, ask, question, locked):
    topic = ask(add_space())
    moderation.hide_post(ctx := world.ctx("lee"), locked(ctx, question(topic)), "Personal data")
    gil = world.ctx("gil", "contact")
    with pytest.raises(NotFound):
        topics.topic(gil, topic.id)
    assert topics.topics_page(gil, "newest", q="export").rows == []
    assert topics.similar_topics(gil, "Export") == []
    assert world.row(CommunityTopic, topic).state == "hidden"


def test_H8_reports_can_be_dismissed_once(world, add_space, ask, reply, locked):
    answer = reply(ask(add_space()))
    writing.report_post(ctx := world.ctx("rita", "contact"), locked(ctx, answer), "I do not like it")
    moderation.dismiss_reports(ctx := world.ctx("lee"), locked(ctx, answer))
    with pytest.raises(Conflict):
        moderation.dismiss_reports(ctx := world.ctx("lee"), locked(ctx, answer))
    assert topics.post(world.ctx("rita", "contact"), answer.id).state == "shown"


def test_H8_a_blocked_person_reads_and_does_not_write(world, add_space, ask, reply, travel):
    space = add_space()
    topic = ask(space)
    reply(topic)
    for why, days, fault in (("", 1, Refused), ("Advertising", 3, Refused)):
        with pytest.raises(fault):
            moderation.block_person(world.ctx("lee"), world.gil.id, why=why, days=days)
    with pytest.raises(Forbidden):
        moderation.block_person(world.ctx("ana"), world.gil.id, why="Advertising", days=1)
    moderation.block_person(world.ctx("lee"), world.gil.id, why="Advertising", days=1)
    with pytest.raises(Forbidden, match="Advertising"):
        reply(topic, "Once more.")
    with pytest.raises(Forbidden):
        ask(space, "A question", by="gil")
    assert topics.topic(world.ctx("gil", "contact"), topic.id)
    travel(hours=25)
    assert reply(topic, "Once more.")
    moderation.block_person(world.ctx("lee"), world.gil.id, why="Again", days=0)
    travel(days=400)
    with pytest.raises(Forbidden):
        reply(topic, "And again.")
    moderation.end_block(world.ctx("lee"), world.gil.id)
    assert reply(topic, "And again.")
    with pytest.raises(Conflict):
        moderation.end_block(world.ctx("lee"), world.gil.id)


def test_H8_only_people_who_wrote_there_can_be_blocked(world, add_space):
    with pytest.raises(NotFound):
        moderation.block_person(world.ctx("lee"), world.gil.id, why="Advertising", days=1)
    assert world.rows(CommunityMember) == []
