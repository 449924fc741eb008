"""FEATURES H8, ux P-11 and D-12: the pages, with and without scripts."""

import pytest

from portal.cases.models import Case
from portal.community.models import CommunityPost, CommunitySpace, CommunityTopic
from portal.knowledge.models import HelpArticle
from tests.support import help_articles

WORDS = {"title": "Export loses commas", "body": "Each line is <b>one</b> **cell**."}


@pytest.fixture
def space(add_space):
    return add_space("Exchange")


@pytest.fixture
def topic(space, ask):
    return ask(space)


def newest(world, model):
    return world.rows(model)[-1]


def test_H8_without_a_space_there_are_no_pages_and_no_entry_of_the_menu(client, add_space):
    rita = client("rita")
    assert "/community" not in rita.get("/").page.links
    for path in ("/community", "/community/new", "/community/alike?title=zebra"):
        assert rita.get(path).status_code == 404
    add_space("Globex only", clients=["Globex"])
    assert "/community" not in client("rita").get("/").page.links
    assert client("rita").get("/community").status_code == 404
    assert "/community" in client("gil").get("/").page.links


def test_H8_a_topic_is_asked_answered_and_solved(world, as_user, space):
    page = as_user("rita").get("/community/new")
    assert "Visible to other customers. Do not paste passwords or personal data." in page.text
    answer = as_user("rita").post("/community/new", data={**WORDS, "space": str(space.id)})
    topic = newest(world, CommunityTopic)
    assert answer.status_code == 303 and answer.location == f"/community/{topic.id}"
    text = as_user("gil").get(f"/community/{topic.id}").text
    assert "&lt;b&gt;one&lt;/b&gt; <strong>cell</strong>" in text and world.rita.name in text
    answer = as_user("gil").post(f"/community/{topic.id}/answers", data={"body": "Choose semicolons."})
    post = newest(world, CommunityPost)
    assert answer.location == f"/community/{topic.id}#post-{post.id}"
    as_user("gina").post(f"/community/posts/{post.id}/helpful", data={"on": "1"})
    as_user("rita").post(f"/community/posts/{post.id}/accept", data={"on": "1"})
    text = as_user("olga").get(f"/community/{topic.id}").text
    assert "Helpful (1)" in text and "Solved" in text
    assert WORDS["title"] in as_user("olga").get("/community?show=solved").text
    assert WORDS["title"] not in as_user("olga").get("/community?show=unanswered").text
    assert WORDS["title"] in as_user("rita").get("/community?show=mine").text
    assert WORDS["title"] not in as_user("gil").get("/community?show=mine").text
    assert WORDS["title"] in as_user("gil").get("/community?q=commas").text
    assert "No topic contains" in as_user("gil").get("/community?q=elephants").text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"title": ""}, "Write a title"),
        ({"title": "x" * 141}, "Shorten"),
        ({"body": " "}, "Write the text"),
        ({"body": "x" * 10_001}, "Shorten"),
        ({"space": "nothing"}, "Choose one of the answers shown"),
    ],
)
def test_H8_what_cannot_be_published_is_refused_and_kept(world, as_user, space, change, sentence):
    answer = as_user("rita").post("/community/new", data={**WORDS, "space": str(space.id), **change})
    assert answer.status_code == 422
    assert sentence in answer.text and (change.get("body") or "**cell**").strip() in answer.text
    assert not world.rows(CommunityTopic)


def test_H8_similar_topics_are_shown_while_writing_and_after_a_press(as_user, topic, space):
    assert "Export loses commas" in as_user("gil").get("/community/alike?title=Export+fails").text
    data = {"title": "My export fails", "body": "Kept words", "space": str(space.id), "look": "1"}
    answer = as_user("gil").post("/community/new", data=data)
    assert "Export loses commas" in answer.text and "Kept words" in answer.text
    data["title"] = "Elephants"
    assert "There is no similar topic yet" in as_user("gil").post("/community/new", data=data).text


def test_H8_a_closed_topic_answers_403_and_keeps_the_words(world, as_user, topic):
    as_user("lee").post(f"/desk/community/topics/{topic.id}/close")
    assert "This topic is closed." in as_user("gil").get(f"/community/{topic.id}").text
    answer = as_user("gil").post(f"/community/{topic.id}/answers", data={"body": "My late words"})
    assert answer.status_code == 403
    assert "This topic is closed." in answer.text and "My late words" in answer.text
    as_user("lee").post(f"/desk/community/topics/{topic.id}/reopen")
    assert as_user("gil").post(f"/community/{topic.id}/answers", data={"body": "Now"}).status_code == 303


def test_H8_an_empty_answer_is_refused(as_user, topic):
    assert as_user("gil").post(f"/community/{topic.id}/answers", data={"body": ""}).status_code == 422
    assert as_user("ana").post(f"/desk/community/topics/{topic.id}/answers", data={"body": ""}).status_code == 422


def test_H8_an_edit_from_an_old_page_is_a_conflict(world, as_user, topic, question):
    path = f"/community/posts/{question(topic).id}/edit"
    assert as_user("rita").post(path, data={"title": "Export", "body": "B", "version": "1"}).status_code == 303
    answer = as_user("rita").post(path, data={"title": "Export", "body": "My other words", "version": "1"})
    assert answer.status_code == 409 and "My other words" in answer.text
    assert as_user("gil").get(path).status_code == 403
    old = as_user("rita").get(f"/community/posts/{question(topic).id}/versions").text
    assert "Each line of the file is one cell." in old
    assert as_user("gil").get(f"/community/posts/{question(topic).id}/versions").status_code == 404
    assert "one cell" in as_user("aud").get(f"/desk/community/posts/{question(topic).id}/versions").text
    assert "edited" in as_user("gil").get(f"/community/{topic.id}").text


def test_H8_members_with_numbers_have_no_name_on_any_page(world, as_user, add_space, ask, reply):
    topic = ask(add_space("Quiet", aliased=True))
    reply(topic, by="gil")
    for who in ("gina", "olga"):
        for path in ("/community", f"/community/{topic.id}", "/community?q=commas", "/community/alike?title=Export"):
            text = as_user(who).get(path).text
            assert not [name for name in (world.rita.name, world.gil.name) if name in text], (who, path)
    assert "Member 1" in (text := as_user("gina").get(f"/community/{topic.id}").text) or "Member" in text
    text = as_user("ana").get(f"/desk/community/topics/{topic.id}").text
    assert world.rita.name in text and world.gil.name in text and "Globex" in text


def test_H8_staff_posts_carry_a_badge_with_text(as_user, topic, reply):
    reply(topic, "From us.", by="ana", official=True)
    text = as_user("gil").get(f"/community/{topic.id}").text
    assert '<span class="tag">Support</span>' in text and "Official answer" in text


def test_H8_a_held_text_says_so_to_its_author(world, as_user, add_space):
    space = add_space("Careful", holds_first=True)
    answer = as_user("rita").post("/community/new", data={**WORDS, "space": str(space.id)})
    assert "Waits for approval" in as_user("rita").get(answer.location).text
    assert as_user("gil").get(answer.location).status_code == 404
    assert "Export loses commas" in as_user("lee").get("/desk/community?show=held").text
    post = newest(world, CommunityPost)
    assert as_user("ana").get(f"/desk/community/posts/{post.id}/approve").status_code == 403
    assert as_user("lee").post(f"/desk/community/posts/{post.id}/approve").status_code == 303
    assert as_user("gil").get(answer.location).status_code == 200
    assert as_user("lee").post(f"/desk/community/posts/{post.id}/approve").status_code == 409


def test_H8_reports_are_listed_and_decided(world, as_user, topic, reply):
    post = reply(topic, "Buy my program.")
    path = f"/community/posts/{post.id}/report"
    assert as_user("rita").post(path, data={"why": ""}).status_code == 422
    assert as_user("rita").post(path, data={"why": "Advertising <i>"}).status_code == 303
    assert as_user("rita").post(path, data={"why": "Again"}).status_code == 409
    text = as_user("aud").get("/desk/community?show=reports").text
    assert "Buy my program." in text and "Advertising &lt;i&gt;" in text
    answer = as_user("lee").post(f"/desk/community/posts/{post.id}/hide", data={"why": "Advertising"})
    assert answer.status_code == 303
    assert "Buy my program." not in as_user("rita").get(f"/community/{topic.id}").text
    assert "Hidden by support: Advertising" in as_user("gil").get(f"/community/{topic.id}").text
    assert "Nothing is reported." in as_user("lee").get("/desk/community?show=reports").text
    assert as_user("lee").post(f"/desk/community/posts/{post.id}/restore").status_code == 303
    blocked = as_user("lee").post(f"/desk/community/posts/{post.id}/block", data={"days": "7", "why": "Advertising"})
    assert blocked.status_code == 303
    assert (
        "You cannot write in the community at present: Advertising" in as_user("gil").get(f"/community/{topic.id}").text
    )
    answer = as_user("gil").post(f"/community/{topic.id}/answers", data={"body": "Buy it"})
    assert answer.status_code == 403 and "Buy it" in answer.text
    assert as_user("lee").post(f"/desk/community/posts/{post.id}/unblock").status_code == 303
    assert as_user("gil").post(f"/community/{topic.id}/answers", data={"body": "Sorry"}).status_code == 303


def test_H8_the_queue_shows_what_is_overdue_first(world, as_user, add_space, ask, travel, run_outbox):
    space = add_space("Prompt", due_hours=2)
    ask(space, "The first one", body="a")
    travel(hours=3)
    ask(space, "The second one", body="b", by="gil")
    run_outbox()
    text = as_user("ana").get("/desk/community").text
    assert text.index("The first one") < text.index("The second one")
    assert text.count("overdue since") == 1


def test_H8_the_author_consents_on_a_page_that_shows_what_goes_into_the_case(world, as_user, topic, question):
    post = question(topic)
    assert as_user("ana").post(f"/desk/community/posts/{post.id}/propose").status_code == 303
    assert "Support asks you to go on in a private case." in as_user("rita").get(f"/community/{topic.id}").text
    assert "private case" not in as_user("gil").get(f"/community/{topic.id}").text
    path = f"/community/posts/{post.id}/case"
    assert "Each line of the file is one cell." in as_user("rita").get(path).text
    assert as_user("gil").get(path).status_code == 403
    assert as_user("gil").post(path, data={"account": str(world.acme.id), "kind": "incident"}).status_code == 403
    answer = as_user("rita").post(path, data={"account": str(world.globex.id), "kind": "incident"})
    assert answer.status_code == 422
    kind = next(iter(world.types))
    before = len(world.rows(Case))
    answer = as_user("rita").post(path, data={"account": str(world.acme.id), "kind": kind})
    assert answer.status_code == 303 and len(world.rows(Case)) == before + 1
    case = newest(world, Case)
    assert answer.headers["Location"].endswith(f"/cases/ACME-{case.number}")
    for who in ("gil", "rita"):
        text = as_user(who).get(f"/community/{topic.id}").text
        assert "Support is following this up privately" in text and f"ACME-{case.number}" not in text
    assert as_user("rita").get(path).status_code == 403


def test_H8_declining_keeps_it_here(as_user, topic, question):
    post = question(topic)
    as_user("ana").post(f"/desk/community/posts/{post.id}/propose")
    assert as_user("rita").post(f"/community/posts/{post.id}/decline").status_code == 303
    assert "The author wants no private case" in as_user("ana").get(f"/desk/community/topics/{topic.id}").text


def test_H8_an_answer_becomes_a_draft_article(world, as_user, topic, reply):
    category = help_articles.add_category(world.ctx("ada"))
    post = reply(topic, "Choose semicolons.")
    path = f"/desk/community/posts/{post.id}/article"
    answer = as_user("ana").post(path, data={"category": category.slug, "language": "en"})
    article = newest(world, HelpArticle)
    assert answer.location == f"/desk/help/articles/{article.slug}" and article.state == "draft"
    assert as_user("aud").get(path).status_code == 403


def test_H8_administrators_make_and_change_spaces(world, as_user):
    assert "There is no space" in as_user("ada").get("/admin/community").text
    assert as_user("lee").get("/admin/community").status_code == 403
    data = {"name": "Exchange", "audience": "chosen", "due_hours": "8", "calendar": "", "active": "y"}
    assert as_user("ada").post("/admin/community/new", data=data).status_code == 422
    data["organizations"] = str(world.organizations["Globex"].id)
    assert as_user("ada").post("/admin/community/new", data=data).status_code == 303
    space = newest(world, CommunitySpace)
    assert "Globex" in as_user("ada").get("/admin/community").text
    assert as_user("gil").get("/community").status_code == 200
    assert as_user("rita").get("/community").status_code == 404
    data |= {"audience": "everybody", "version": "1"}
    path = f"/admin/community/{space.id}"
    assert as_user("ada").post(path, data=data).status_code == 303
    assert as_user("rita").get("/community").status_code == 200
    assert as_user("ada").post(path, data={**data, "name": "Typed"}).status_code == 409
    assert as_user("ada").post(path, data={**data, "version": "2", "due_hours": "9999"}).status_code == 422


def test_H8_following_and_watching(as_user, topic, add_space):
    space = add_space("Prompt", due_hours=4)
    assert "Do not follow any more" in as_user("rita").get(f"/community/{topic.id}").text
    assert as_user("gil").post(f"/community/{topic.id}/follow", data={"on": "1"}).status_code == 303
    assert topic.title in as_user("gil").get("/community?show=following").text
    as_user("gil").post(f"/community/{topic.id}/follow", data={"on": ""})
    assert topic.title not in as_user("gil").get("/community?show=following").text
    assert as_user("ana").post(f"/desk/community/spaces/{space.id}/watch", data={"on": "1"}).status_code == 303
    assert "Do not tell me any more" in as_user("ana").get("/desk/community").text


def test_H8_an_unseen_topic_answers_like_a_missing_one(as_user, add_space, ask):
    topic = ask(add_space("Acme only", clients=["Acme"]))
    add_space("All")
    for path in (f"/community/{topic.id}", "/community/01890000-0000-7000-8000-00000000dead"):
        assert as_user("gil").get(path).status_code == 404
    for verb in ("answers", "follow"):
        assert as_user("gil").post(f"/community/{topic.id}/{verb}", data={"body": "x"}).status_code == 404


def test_H8_every_verb_has_a_page(world, as_user, topic, space, question, reply):
    """A bookmark or a reload of the address of a verb shows its form, and without scripts it can be sent from there."""
    help_articles.add_category(world.ctx("ada"))
    answer, own = reply(topic, "Choose semicolons."), question(topic)
    portal, desk = "/community/posts", "/desk/community/posts"
    pages = [
        *(("gina", f"{portal}/{answer.id}/{verb}") for verb in ("helpful", "report")),
        *(("rita", f"{portal}/{answer.id}/{verb}") for verb in ("accept", "helpful", "report")),
        *(("rita", f"{portal}/{own.id}/{verb}") for verb in ("edit", "case", "decline")),
        *(("gina", f"/community/{topic.id}/{verb}") for verb in ("follow", "answers")),
        *(("lee", f"{desk}/{answer.id}/{verb}") for verb in ("accept", "approve", "hide", "restore", "dismiss")),
        *(("lee", f"{desk}/{answer.id}/{verb}") for verb in ("propose", "article", "block", "unblock")),
        *(("lee", f"/desk/community/topics/{topic.id}/{verb}") for verb in ("answers", "close", "reopen")),
        ("lee", f"/desk/community/spaces/{space.id}/watch"),
    ]
    for who, path in pages:
        answer = as_user(who).get(path)
        assert answer.status_code == 200, path
        assert any(form.action == path for form in answer.page.forms), path


def test_H8_what_was_typed_is_kept_where_the_space_is_gone(as_user):
    """Also in a field for a number, where other letters than those of ASCII are no key."""
    path = "/admin/community/01890000-0000-7000-8000-00000000dead"
    answer = as_user("ada").post(path, data={"name": "Exchange of ideas", "due_hours": "打印机坏了due_hours"})
    assert answer.status_code == 404
    assert "打印机坏了due_hours" in answer.text and "Exchange of ideas" in answer.text
