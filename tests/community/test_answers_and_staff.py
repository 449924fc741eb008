"""FEATURES H8: search finds answers, and staff follow topics and start some."""

import pytest

from portal.community.actions import moderation, writing
from portal.community.models import CommunityPost, CommunityTopic
from portal.community.queries import topics
from portal.kernel.errors import Forbidden
from portal.notifications.models import Notification


def hits(world, who, q, side="contact"):
    ctx = world.ctx(who, side)
    rows = topics.topics_page(ctx, "newest", q=q).rows
    return {row.title: post.body for row in rows for post in [topics.found_answers(ctx, rows, q).get(row.id)] if post}


def test_H8_search_finds_an_answer_and_shows_where(world, as_user, add_space, ask, reply):
    space = add_space()
    topic = ask(space, "Export loses commas")
    ask(space, "Something else")
    reply(topic, "Use the umbrella dialogue.", by="gil")
    later = reply(topic, "The umbrella again.", by="gina")
    for who, path in (("mel", "/community?q=umbrel"), ("ana", "/desk/community?show=newest&q=umbrel")):
        page = as_user(who).get(path)
        assert "Export loses commas" in page.text and "Something else" not in page.text
        assert "Use the umbrella dialogue." in page.text and f"#post-{later.id}" not in page.text
    assert hits(world, "mel", "umbrella dialogue") == {"Export loses commas": "Use the umbrella dialogue."}
    assert hits(world, "mel", "umbrella elephants") == {}
    assert "Export loses commas" in as_user("mel").get("/search?q=umbrella").text


def test_H8_a_corrected_answer_is_found_by_its_new_words(world, add_space, ask, reply, locked):
    answer = reply(ask(add_space()), "Use the umbrella.", by="gil")
    ctx = world.ctx("gil", "contact")
    writing.edit_post(ctx, locked(ctx, answer), title="", body="Use the parasol.")
    assert hits(world, "mel", "parasol") and not hits(world, "mel", "umbrella")


def test_H8_nobody_finds_what_they_may_not_read(world, as_user, add_space, ask, reply, locked):
    hidden = reply(ask(add_space("All")), "The secret umbrella.", by="gil")
    moderation.hide_post(ctx := world.ctx("lee"), locked(ctx, hidden), "Advertising")
    reply(ask(add_space("Acme only", clients=["Acme"])), "An umbrella for Acme.", by="mel")
    assert hits(world, "gina", "umbrella") == {}
    assert "umbrella for" not in as_user("gina").get("/community?q=umbrella").text
    assert hits(world, "mel", "umbrella") == {"Export loses commas": "An umbrella for Acme."}
    assert hits(world, "lee", "secret", side="staff") == {}, "a hidden answer is in no list"


def test_H8_staff_who_follow_hear_of_answers_at_the_bell(world, as_user, add_space, ask, reply, run_outbox):
    topic = ask(add_space())
    path = f"/desk/community/topics/{topic.id}"
    assert as_user("ana").get(f"{path}/follow").status_code == 200
    assert as_user("ana").post(f"{path}/follow", data={"on": "1"}).status_code == 303
    reply(topic, by="gil")
    run_outbox()
    told = world.rows(Notification, Notification.side == "staff")
    assert {row.user_id for row in told} == {world.ana.id}
    page = as_user("ana").get("/notifications").text
    assert "There is a new answer in a topic that you follow" in page and f"{path}#post-" in page
    assert as_user("ana").post(f"{path}/follow", data={"on": ""}).status_code == 303
    reply(topic, "Another one.", by="gina")
    run_outbox()
    assert len(world.rows(Notification, Notification.side == "staff")) == 1


def test_H8_staff_who_may_not_read_it_cannot_follow(world, as_user, add_space, ask):
    topic = ask(add_space("Acme only", clients=["Acme"]))
    answer = as_user("tom").post(f"/desk/community/topics/{topic.id}/follow", data={"on": "1"}, checked=False)
    assert answer.status_code == 404


def test_H8_staff_start_a_topic_as_the_word_of_support(world, as_user, add_space):
    space = add_space(due_hours=4)
    data = {"space": str(space.id), "title": "New export", "body": "It comes on Monday."}
    assert as_user("ana").post("/desk/community/new", data={**data, "title": ""}).status_code == 422
    assert as_user("ana").post("/desk/community/new", data=data).status_code == 303
    (topic,) = world.rows(CommunityTopic)
    (post,) = world.rows(CommunityPost)
    assert post.official and topic.author_side == "staff" and topic.due_at is None
    assert "New export" not in as_user("lee").get("/desk/community").text, "it waits for no answer"
    shown = as_user("rita").get("/community").text
    assert "New export" in shown and "From support" in shown
    assert "New export" not in as_user("rita").get("/community?show=unanswered").text
    assert world.ana.name in as_user("rita").get(f"/community/{topic.id}").text


def test_H8_who_only_reads_starts_none(world, as_user, add_space):
    space = add_space()
    data = {"space": str(space.id), "title": "T", "body": "B"}
    assert as_user("aud").post("/desk/community/new", data=data, checked=False).status_code == 403
    with pytest.raises(Forbidden):
        writing.start_topic(world.ctx("aud"), space, title="T", body="B")
    assert not world.rows(CommunityTopic)
