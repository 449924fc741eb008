"""FEATURES 2.6 and F7: what is read, what is searched for in vain, and who opened a case all the same."""

import datetime as dt

import pytest

from portal.kernel import retention
from portal.knowledge.actions import reads
from portal.knowledge.models import HelpMiss, HelpRead, HelpReadCount
from portal.knowledge.queries import use
from tests.support import help_articles

LANGUAGES = ("en",)


@pytest.fixture
def ada(world):
    return world.ctx("ada")


@pytest.fixture
def article(world, ada):
    category = help_articles.add_category(ada)
    return help_articles.add_article(ada, category, "Reset a password", audience="signed_in")


def read(world, who, article):
    reads.note_read(world.ctx(who), article.id)


def look(browser, path, **asked):
    """The answer, after what follows it was stored."""
    answer = browser.get(path, **asked)
    answer.close()
    return answer


def test_kb_reads_count_a_customer_once_a_day(world, travel, article):
    for _ in range(3):
        read(world, "rita", article)
    read(world, "gil", article)
    travel(days=1)
    read(world, "rita", article)
    assert sorted(row.readers for row in world.rows(HelpReadCount)) == [1, 2]
    assert len(world.rows(HelpRead)) == 3
    assert [row.readers for row in use.most_read(world.ctx("ada"), LANGUAGES, 30, 5)] == [3]


def test_kb_reads_of_staff_and_of_articles_for_others_are_none(world, ada, article):
    for_globex = help_articles.add_article(
        ada,
        help_articles.add_category(ada, "Others"),
        "For Globex",
        audience="organizations",
        organizations=[world.organizations["Globex"]],
    )
    read(world, "ana", article)
    read(world, "rita", for_globex)
    assert world.rows(HelpRead) == [] == world.rows(HelpReadCount)


def test_kb_most_read_shows_only_what_one_may_read(world, ada, article):
    for_globex = help_articles.add_article(
        ada,
        help_articles.add_category(ada, "Others"),
        "For Globex",
        audience="organizations",
        organizations=[world.organizations["Globex"]],
    )
    for who in ("gil", "gina"):
        read(world, who, for_globex)
    read(world, "rita", article)
    seen = {
        who: [row.title for row in use.most_read(world.ctx(who), LANGUAGES, 30, 5)] for who in ("rita", "gil", "sam")
    }
    assert seen == {"rita": ["Reset a password"], "gil": ["For Globex", "Reset a password"], "sam": []}


def test_kb_a_read_by_the_page_is_stored_after_the_answer(client, world, ada):
    help_articles.add_article(ada, help_articles.add_category(ada), "Reset a password")
    for browser in (client("rita"), client(), client("ana")):
        assert look(browser, "/help/articles/reset-a-password").status_code == 200
    assert [row.user_id for row in world.rows(HelpRead)] == [world.rita.id]
    assert "Most read this month" in client("mel").get("/help").text
    assert "Most read this month" in client().get("/help").text


@pytest.mark.parametrize(("after", "opened"), [(dt.timedelta(days=6), 1), (dt.timedelta(days=8), 0)])
def test_kb_opened_all_the_same_is_within_seven_days(world, travel, article, after, opened):
    world.open_case("rita", subject="Before reading")
    travel(hours=1)
    read(world, "rita", article)
    read(world, "gil", article)
    assert use.opened_all_the_same(world.ctx("ada"), LANGUAGES) == []
    travel(seconds=after.total_seconds())
    world.open_case("rita", subject="All the same")
    found = use.opened_all_the_same(world.ctx("ada"), LANGUAGES)
    assert [(row.title, row.readers, row.opened) for row in found] == ([("Reset a password", 2, 1)] if opened else [])
    # Tom looks after Globex only: a case of Acme is nothing to him.
    assert use.opened_all_the_same(world.ctx("tom"), LANGUAGES) == []


def test_kb_searches_that_found_nothing(client, world, article):
    for who, words in (("rita", "Gift  CARDS"), ("rita", "gift cards"), ("gil", "gift cards"), ("gil", "<b>fax</b>")):
        assert look(client(who), "/help", query_string={"q": words}).status_code == 200
    look(client("rita"), "/help?q=password")
    look(client("ana"), "/help?q=nothing")
    found = use.missed_searches(world.ctx("ada"))
    assert [(row.words, row.people) for row in found] == [("gift cards", 2), ("<b>fax</b>", 1)]
    assert use.missed_searches(world.ctx("tom")) == []
    page = client("ada").get("/desk/help/use")
    assert "gift cards" in page.text and "&lt;b&gt;fax&lt;/b&gt;" in page.text and "<b>fax" not in page.text
    hidden = client("tom").get("/desk/help/use")
    assert hidden.status_code == 200 and "gift cards" not in hidden.text and "fax" not in hidden.text
    assert client("rita").get("/desk/help/use", checked=False).status_code in (403, 404)


def test_kb_searches_of_one_person_are_bounded(world, article):
    ctx = world.ctx("rita")
    for number in range(reads.MISSES_A_DAY + 5):
        reads.note_missed_search(ctx, f"word{number} " + "x" * 300)
    found = world.rows(HelpMiss)
    assert len(found) == reads.MISSES_A_DAY and {len(row.words) for row in found} == {reads.WORDS_LETTERS}


@pytest.mark.parametrize(("kind", "model"), [("help_reads", HelpRead), ("help_misses", HelpMiss)])
def test_kb_reads_and_searches_are_forgotten(world, travel, article, kind, model):
    read(world, "rita", article)
    reads.note_missed_search(world.ctx("rita"), "gift cards")
    travel(days=retention.days_of(kind) + 2)
    read(world, "gil", article)
    reads.note_missed_search(world.ctx("gil"), "gift cards")
    ctx = world.system()
    deleted = retention._kinds[kind](ctx, ctx.now - dt.timedelta(days=retention.days_of(kind)), 1_000)
    assert deleted == (2 if kind == "help_reads" else 1)
    assert [row.user_id for row in world.rows(model)] == [world.gil.id]
