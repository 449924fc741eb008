"""FEATURES 2.6: what readers say about articles, and the editors' lists."""

import datetime as dt

import pytest

from portal.kernel.errors import NotFound
from portal.knowledge.actions import articles as article_actions
from portal.knowledge.actions.articles import ArticleSettings
from portal.knowledge.actions.votes import vote_on_article
from portal.knowledge.models import HelpVote
from portal.knowledge.queries.votes import own_vote, vote_figures
from portal.tenants.models import Organization
from tests.support import help_articles

HERE = "/help/articles/reset-a-password"


@pytest.fixture
def ada(world):
    return world.ctx("ada")


@pytest.fixture
def category(ada):
    return help_articles.add_category(ada)


@pytest.fixture
def article(ada, category):
    return help_articles.add_article(ada, category, "Reset a password")


def test_kb_helpful_one_answer_a_person_that_can_be_changed(client, world, article, ada):
    rita = client("rita")
    form = rita.get(HERE).page.form(f"{HERE}/vote")
    assert rita.submit(form, helpful="no").status_code == 303
    page = rita.get(HERE).page
    assert f"{HERE}/vote" in page.links and not [f for f in page.forms if f.action == f"{HERE}/vote"]
    form = rita.get(f"{HERE}/vote").page.form(f"{HERE}/vote")
    assert form.values["helpful"] == ["no"]
    assert rita.submit(form, why="The picture of <b>step 2</b>").status_code == 303
    assert len(world.rows(HelpVote)) == 1
    shown = client("ana").get("/desk/help/articles/reset-a-password")
    assert "The picture of &lt;b&gt;step 2&lt;/b&gt;" in shown.text and "Rita" not in shown.page.first("main").text
    assert rita.submit(form, helpful="yes").status_code == 303
    found = vote_figures(ada, article)
    assert (found.helped, found.missed, list(found.words)) == (1, 0, [])
    assert own_vote(world.ctx("rita"), article).why == ""
    assert own_vote(world.ctx("mel"), article) is None


def test_kb_helpful_is_asked_of_nobody_before_sign_in(client, article):
    answer = client().get(HERE)
    assert answer.status_code == 200 and "Did this help?" not in answer.text
    assert client().post(f"{HERE}/vote", data={"helpful": "yes"}).status_code in (302, 303)


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [({}, "Choose yes or no"), ({"helpful": "maybe"}, "Choose one of"), ({"helpful": "no", "why": "x" * 1001}, "1000")],
)
def test_kb_helpful_a_refused_answer_keeps_the_words(client, article, world, sent, sentence):
    answer = client("rita").post(f"{HERE}/vote", data={"why": "Kept words", **sent})
    assert answer.status_code == 422 and sentence in answer.text
    assert answer.page.form(f"{HERE}/vote").values["why"] == [sent.get("why", "Kept words")]
    assert world.rows(HelpVote) == []


def test_kb_helpful_nobody_votes_on_what_they_cannot_read(client, world, ada, category, article):
    globex = [world.row(Organization, world.organizations["Globex"])]
    other = help_articles.add_article(ada, category, "Of Globex", audience="organizations", organizations=globex)
    draft = help_articles.add_article(ada, category, "A draft", published=False)
    for row in (other, draft):
        with pytest.raises(NotFound):
            vote_on_article(world.ctx("rita"), row, helpful=True)
        assert client("rita").post(f"/help/articles/{row.slug}/vote", data={"helpful": "yes"}).status_code == 404
    with pytest.raises(NotFound):
        vote_on_article(world.ctx("ana"), article, helpful=True)
    article_actions.withdraw_article(ada, article)
    assert client("rita").get(f"{HERE}/vote").status_code == 404
    assert world.rows(HelpVote) == []


def test_kb_lists_for_editors_what_is_due_and_what_did_not_help(client, world, ada, category, article):
    today = world.system().now.date()
    old = help_articles.add_article(ada, category, "An old guide")
    for row, day in ((old, today - dt.timedelta(days=1)), (article, today + dt.timedelta(days=2))):
        article_actions.change_settings(
            ada, row, ArticleSettings(category=category, audience="everybody", review_on=day)
        )
    vote_on_article(world.ctx("rita"), article, helpful=False)
    vote_on_article(world.ctx("rita"), old, helpful=True)
    ana = client("ana")
    due, missed = ana.get("/desk/help?show=due").text, ana.get("/desk/help?show=missed").text
    assert "An old guide" in due and "Reset a password" not in due
    assert "Reset a password" in missed and "An old guide" not in missed
