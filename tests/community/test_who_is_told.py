"""FEATURES H8: followers hear of answers, staff of reports and late topics; nobody hears of what they may not read."""

import pytest

from portal.community.actions import moderation, private_cases, spaces, writing
from portal.community.actions.spaces import SpaceFacts
from portal.community.queries import readers, topics
from portal.community.queries.spaces import space as load_space
from portal.identity.models import User
from portal.notifications.actions import choose_mails
from portal.notifications.models import Notification, OutgoingMail
from portal.notifications.rules import Topic


@pytest.fixture
def mailed(world):
    """Who has a mail of this kind: the words before the @."""
    return lambda kind="community_news": sorted(
        mail.recipient.partition("@")[0] for mail in world.rows(OutgoingMail, OutgoingMail.kind == kind)
    )


def follow(world, topic, *people):
    for who in people:
        ctx = world.ctx(who, "contact")
        writing.set_follow(ctx, topics.topic(ctx, topic.id), follows=True)


def test_H8_followers_are_told_once_and_the_writer_is_not(world, add_space, ask, reply, run_outbox, mailed, as_user):
    topic = ask(add_space())
    follow(world, topic, "gil", "gina")
    reply(topic, by="gil")
    run_outbox()
    run_outbox()
    assert mailed() == ["gina", "rita"]
    assert "There is a new answer in a topic that you follow" in as_user("rita").get("/notifications").text
    assert f"/community/{topic.id}#post-" in as_user("rita").get("/notifications").text


def test_H8_whoever_unfollows_or_wants_no_mail_gets_none(world, add_space, ask, reply, run_outbox, mailed):
    topic = ask(add_space())
    follow(world, topic, "gil", "gina")
    choose_mails(world.ctx("gil", "contact"), {Topic.COMMUNITY: False})
    ctx = world.ctx("gina", "contact")
    writing.set_follow(ctx, topics.topic(ctx, topic.id), follows=False)
    reply(topic, "From us.", by="ana", official=True)
    run_outbox()
    assert mailed() == ["rita"]
    told = {row.user_id for row in world.rows(Notification, Notification.reason == "topic_follower")}
    assert told == {world.rita.id, world.gil.id}


def test_H8_mail_and_bell_name_no_member_of_a_space_with_numbers(world, add_space, ask, reply, run_outbox, as_user):
    topic = ask(add_space("Quiet", aliased=True))
    reply(topic, by="gil")
    run_outbox()
    mail = world.rows(OutgoingMail, OutgoingMail.kind == "community_news")[0]
    assert "Member" in mail.text and "Choose semicolons." in mail.text
    for name in (world.gil.name, "Gil", "Globex"):
        assert name not in mail.text + mail.html + mail.subject
        assert name not in as_user("rita").get("/notifications").text


def test_H8_a_held_answer_is_told_when_it_is_approved(world, add_space, ask, reply, locked, run_outbox, mailed):
    topic = ask(add_space())
    ada = world.ctx("ada")
    row = load_space(ada, topic.space_id, lock=True)
    spaces.change_space(ada, row, SpaceFacts("Careful", everybody=True, holds_first=True))
    answer = reply(topic, by="gil")
    run_outbox()
    assert mailed() == [] and "lee" in mailed("community_waits")
    moderation.approve_post(ctx := world.ctx("lee"), locked(ctx, answer))
    run_outbox()
    assert mailed() == ["gil", "rita"]


def test_H8_who_may_not_read_it_any_more_gets_nothing(world, add_space, ask, reply, run_outbox, mailed):
    topic = ask(add_space())
    follow(world, topic, "gil")
    ada = world.ctx("ada")
    reply(topic, "From us.", by="ana")
    acme = SpaceFacts("Acme", organizations=[world.organizations["Acme"].id])
    spaces.change_space(ada, load_space(ada, topic.space_id, lock=True), acme)
    run_outbox()
    assert mailed() == ["rita"]


def test_H8_a_hidden_answer_is_told_to_nobody(world, add_space, ask, reply, locked, run_outbox, mailed):
    answer = reply(ask(add_space()))
    moderation.hide_post(ctx := world.ctx("lee"), locked(ctx, answer), "Advertising")
    run_outbox()
    assert mailed() == []


def test_H8_reports_and_late_topics_reach_staff_once(
    world, add_space, ask, question, locked, run_outbox, travel, mailed
):
    space = add_space("Prompt", due_hours=1)
    for who in ("ana", "tom"):
        spaces.watch_space(ctx := world.ctx(who), load_space(ctx, space.id), watches=True)
    topic = ask(space)
    travel(hours=2)
    run_outbox()
    travel(hours=20)
    run_outbox()
    assert mailed("community_waits") == ["ana", "tom"]
    writing.report_post(ctx := world.ctx("gil", "contact"), locked(ctx, question(topic)), "Advertising")
    run_outbox()
    assert mailed("community_waits") == ["ada", "ana", "lee", "tom"]


def test_H8_the_author_is_told_of_a_proposed_case(world, add_space, ask, question, locked, run_outbox, mailed):
    topic = ask(add_space())
    private_cases.propose_case(ctx := world.ctx("ana"), locked(ctx, question(topic)))
    run_outbox()
    assert mailed() == ["rita"]


@pytest.mark.parametrize("clients", [(), ("Acme",), ("Globex",), ("Acme", "Globex")])
def test_H8_whom_a_topic_is_told_is_who_can_read_it(world, add_space, ask, question, clients):
    """`readers_of` asks for many people what the scope says of one."""
    topic = ask(add_space(clients=clients), by="gil" if clients == ("Globex",) else "rita")
    post = topics.post(world.system(), question(topic).id)
    people = world.rows(User)
    told = {user.id for user, _actor in readers.readers_of(world.system(), post, people)}
    reading = set()
    for key, person in world.people.items():
        ctx = world.ctx(key, "contact")
        if any(row.id == topic.id for row in topics.topics_page(ctx, "newest").rows):
            reading.add(person.id)
    assert told == reading and told
