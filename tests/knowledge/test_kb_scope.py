"""FEATURES 2.6, "KB scope": public, signed in, organizations, roles, staff; one filter for list, page and search."""

import pytest

from portal.kernel.errors import Forbidden, NotFound, Refused
from portal.knowledge.actions import articles as actions
from portal.knowledge.actions.articles import ArticleSettings
from portal.knowledge.queries import reading
from portal.tenants.models import Organization
from tests.support import help_articles
from tests.support.help_articles import READERS

EN = ["en"]


@pytest.fixture
def organizations(world):
    return {key.lower(): world.row(Organization, world.organizations[key]) for key in ("Acme", "Globex")}


@pytest.fixture
def articles(world, organizations):
    return help_articles.add_every_audience(world.ctx("ada"), organizations)


def seen_by(world, who):
    """What *who* finds by a word that every article has."""
    ctx = world.ctx(who, "contact")
    return {row.slug.removeprefix("guide-") for row in reading.find_articles(ctx, "zebra", EN, size=50).rows}


@pytest.mark.parametrize("who", ["rita", "mel", "cora", "olga", "gil", "gina", "ana"])
def test_kb_scope_list_page_search_and_categories_agree(world, articles, who):
    allowed = {key for key, readers in READERS.items() if who in readers}
    ctx = world.ctx(who, "contact")
    assert seen_by(world, who) == allowed
    titles = reading.first_titles(ctx, EN)
    assert {row.slug.removeprefix("guide-") for rows in titles.values() for row in rows} == allowed
    assert {row.slug.removeprefix("shelf-") for row in reading.categories(ctx)} == allowed
    for key, article in articles.items():
        if key in allowed:
            assert reading.texts_of(ctx, reading.article(ctx, article.slug), EN)
        else:
            with pytest.raises(NotFound):
                reading.article(ctx, article.slug)


@pytest.mark.parametrize("who", ["nobody", "rita", "gil", "gina"])
def test_kb_scope_an_unseen_article_answers_like_a_missing_one(client, articles, who):
    browser = client(None if who == "nobody" else who)
    missing = browser.get("/help/articles/no-such-guide")
    assert missing.status_code == 404
    for key in READERS:
        answer = browser.get(f"/help/articles/guide-{key}")
        if who in READERS[key]:
            assert answer.status_code == 200 and f"secret-{key}" in answer.text
        else:
            assert answer.status_code == 404
            assert masked(answer.text, f"guide-{key}") == masked(missing.text, "no-such-guide")


def test_kb_scope_before_sign_in_a_missing_article_offers_the_sign_in(client, articles):
    for slug in ("guide-acme", "no-such-guide"):
        page = client().get(f"/help/articles/{slug}").page
        assert f"/sign-in?next=/help/articles/{slug}" in [link.replace("%2F", "/") for link in page.links]
    assert not [link for link in client().get("/no/such/page").page.links if "next=" in link]


@pytest.mark.parametrize("who", ["nobody", "rita", "gil"])
def test_kb_scope_pages_hold_no_trace_of_articles_for_others(client, articles, who):
    browser = client(None if who == "nobody" else who)
    texts = [browser.get(path).text for path in ("/help", "/help?q=zebra", "/help?q=secret", "/help?q=Guide")]
    for key in READERS:
        for text in texts:
            if who not in READERS[key]:
                assert f"secret-{key}" not in text and f"Guide {key}" not in text and f"Shelf {key}" not in text
        shelf = browser.get(f"/help/shelf-{key}")
        assert shelf.status_code == (200 if who in READERS[key] else 404)
    assert all("Guide everybody" in text for text in (texts[0], texts[1], texts[3]))


def test_kb_scope_before_sign_in_there_is_help_only_with_an_article_for_everybody(client, world, organizations):
    assert client().get("/help").status_code == 302
    category = help_articles.add_category(world.ctx("ada"))
    help_articles.add_article(world.ctx("ada"), category, "For clients", audience="signed_in")
    assert client().get("/help").status_code == 302
    help_articles.add_article(world.ctx("ada"), category, "For everybody")
    page = client().get("/help")
    assert page.status_code == 200 and "For everybody" in page.text and "For clients" not in page.text


def test_kb_scope_the_menu_has_help_only_where_it_holds_something(client, world, organizations):
    assert "/help" not in client("gil").get("/").page.links
    category = help_articles.add_category(world.ctx("ada"))
    help_articles.add_article(
        world.ctx("ada"), category, "For Acme", audience="organizations", organizations=[organizations["acme"]]
    )
    assert "/help" in client("rita").get("/").page.links
    assert "/help" not in client("gil").get("/").page.links


def test_kb_scope_another_provider_sees_nothing(client, world, articles):
    browser = client("rob")
    assert browser.get("/help/articles/guide-everybody").status_code == 404
    assert "Guide" not in browser.get("/help").text
    assert browser.get("/help/shelf-everybody").status_code == 404


def test_kb_scope_staff_read_all_but_articles_for_clients_of_others(client, articles):
    ana, tom = client("ana"), client("tom")
    for key in READERS:
        assert ana.get(f"/desk/help/articles/guide-{key}").status_code == 200
    assert tom.get("/desk/help/articles/guide-globex").status_code == 200
    assert tom.get("/desk/help/articles/guide-acme").status_code == 404
    assert "Guide acme" not in tom.get("/desk/help").text
    assert client("pat").get("/desk/help").status_code == 403


def test_kb_scope_a_change_of_the_audience_holds_at_once(client, world, articles, organizations):
    rita, gil = client("rita"), client("gil")
    assert rita.get("/help/articles/guide-acme").status_code == 200
    article = articles["acme"]
    settings = ArticleSettings(
        category=reading.category(world.ctx("ada"), "shelf-acme"),
        audience="organizations",
        organizations=[organizations["globex"]],
    )
    actions.change_settings(world.ctx("ada"), article, settings)
    assert rita.get("/help/articles/guide-acme").status_code == 404
    assert gil.get("/help/articles/guide-acme").status_code == 200


def test_kb_scope_a_staff_member_with_few_clients_keeps_the_others_named(world, organizations):
    ada, tom = world.ctx("ada"), world.ctx("tom")
    category = help_articles.add_category(ada)
    both = list(organizations.values())
    article = help_articles.add_article(
        ada, category, "For both", audience="organizations", organizations=both, published=False
    )
    settings = ArticleSettings(category=category, audience="organizations", organizations=[organizations["globex"]])
    actions.change_settings(tom, article, settings)
    actions.publish_article(ada, article, "en")
    assert "for-both" in {row.slug for row in reading.find_articles(world.ctx("rita"), "settings", EN).rows}


@pytest.mark.parametrize("audience", ["organizations", "roles", "nonsense"])
def test_kb_scope_an_audience_of_nobody_is_refused(world, audience):
    category = help_articles.add_category(world.ctx("ada"))
    with pytest.raises(Refused):
        help_articles.add_article(world.ctx("ada"), category, "For whom?", audience=audience)


def test_kb_scope_only_leads_and_administrators_publish(world):
    category = help_articles.add_category(world.ctx("lee"))
    article = help_articles.add_article(world.ctx("ana"), category, "A draft", published=False)
    with pytest.raises(Forbidden):
        actions.publish_article(world.ctx("ana"), article, "en")
    with pytest.raises(Forbidden):
        help_articles.add_category(world.ctx("ana"), "Another")
    for who in ("rita", "olga", "aud", "pat"):
        with pytest.raises(Forbidden):
            help_articles.add_article(world.ctx(who), category, "No", published=False)
    actions.publish_article(world.ctx("lee"), article, "en")
    settings = ArticleSettings(category=category, audience="everybody")
    with pytest.raises(Forbidden):
        actions.change_settings(world.ctx("ana"), article, settings)


def masked(text, spelling):
    """*text* without the spelling of what was asked for and without tokens that differ from page to page."""
    import re

    text = text.replace(spelling, "…")
    return re.sub(r'(nonce|value|content|data-[a-z-]+)="[^"]*"', "", text)
