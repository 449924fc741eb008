"""FEATURES 2.6, "drafts, versions, locale": writing, publishing, translating and withdrawing articles."""

import pytest

from portal.kernel.errors import Conflict, NotFound
from portal.knowledge.actions import articles as actions
from portal.knowledge.actions import categories as category_actions
from portal.knowledge.actions.articles import ArticleWords
from portal.knowledge.models import HelpVersion
from portal.knowledge.queries import editing, reading
from tests.support import help_articles

BODY = (
    "Before.\n\n## Renew the token\nOpen **Connections**.\n\n## Renew the token\n```\n## not a heading\n```\n### Last"
)


@pytest.fixture
def ada(world):
    return world.ctx("ada")


@pytest.fixture
def category(ada):
    return help_articles.add_category(ada)


def fields(**changed):
    values = {
        "language": "en",
        "title": "Renew a token",
        "summary": "When invoices stop.",
        "body": BODY,
        "category": "first-steps",
        "audience": "everybody",
        "organizations": "",
        "review_on": "2027-01-31",
    }
    return {**values, **changed}


def test_kb_drafts_are_seen_by_nobody_until_they_are_published(client, category):
    ana, lee, rita = client("ana"), client("lee"), client("rita")
    answer = ana.post("/desk/help/new", data=fields())
    assert answer.status_code == 303
    assert rita.get("/help/articles/renew-a-token").status_code == 404
    assert "/desk/help/articles/renew-a-token/publish/en" not in ana.get("/desk/help/articles/renew-a-token").page.links
    assert lee.post("/desk/help/articles/renew-a-token/publish/en", data={}).status_code == 303
    page = rita.get("/help/articles/renew-a-token")
    assert page.status_code == 200 and page.page.heading == "Renew a token"
    assert {"#s-renew-the-token", "#s-renew-the-token-2", "#s-last"} <= set(page.page.links)
    assert "#s-not-a-heading" not in page.page.links and "## not a heading" in page.text


def test_kb_versions_readers_see_the_published_one_and_editors_what_changed(client, category, world, ada):
    article = help_articles.add_article(ada, category, "Reset a password", body="One.\nTwo.\nThree.")
    actions.save_words(world.ctx("ana"), article, "en", ArticleWords("Reset a password", "", "One.\n2.\nThree."))
    assert "Two." in client("rita").get("/help/articles/reset-a-password").text
    page = client("ana").get("/desk/help/articles/reset-a-password/texts/en/2")
    assert [e.text for e in page.page.all("del")] == ["− Two."] and [e.text for e in page.page.all("ins")] == ["+ 2."]
    assert len(editing.versions(ada, article, "en")) == 2
    actions.publish_article(ada, article, "en")
    assert "2." in client("rita").get("/help/articles/reset-a-password").text


def test_kb_versions_saving_the_same_words_makes_none(category, ada):
    article = help_articles.add_article(ada, category, "Same", body="Words.")
    actions.save_words(ada, article, "en", ArticleWords("Same", "", "Words."))
    assert len(editing.versions(ada, article, "en")) == 1
    with pytest.raises(Conflict):
        actions.publish_article(ada, article, "en")


def test_kb_locale_readers_get_their_language_else_that_of_the_provider(client, category, ada, world):
    article = help_articles.add_article(ada, category, "Print a page", body="In English.")
    help_articles.add_article(ada, category, "Only English", body="Alone.")
    actions.save_words(ada, article, "pl", ArticleWords("Drukowanie strony", "", "Po polsku."))
    actions.publish_article(ada, article, "pl")
    polish = {
        row.slug: row.title
        for row in reading.find_articles(world.ctx("rita"), "strony print alone", ["pl", "en"], every=False).rows
    }
    assert polish == {"print-a-page": "Drukowanie strony", "only-english": "Only English"}
    rita = client("rita")
    assert "In English." in rita.get("/help/articles/print-a-page").text
    asked = rita.get("/help/articles/print-a-page?language=pl")
    assert "Po polsku." in asked.text and asked.page.first("article").get("lang") == "pl"
    assert "In English." in rita.get("/help/articles/print-a-page?language=zz").text


def test_kb_two_editors_the_second_keeps_the_words(client, category, ada, world):
    article = help_articles.add_article(ada, category, "Shared work", body="First.")
    here = "/desk/help/articles/shared-work/texts/en"
    ana = client("ana")
    form = ana.get(here).page.form(here)
    actions.save_words(world.ctx("lee"), article, "en", ArticleWords("Shared work", "", "Of Lee."))
    values = {"title": "Shared work", "summary": "", "body": "Of Ana.", "version": form.values["version"][0]}
    answer = ana.post(here, data=values)
    assert answer.status_code == 409 and "Of Ana." in answer.text and "Lee" in answer.text
    again = answer.page.form(here)
    assert ana.post(here, data={**values, "version": again.values["version"][0]}).status_code == 303
    assert [row.body for row in editing.versions(ada, article, "en")] == ["Of Ana.", "Of Lee.", "First."]


def test_kb_preview_shows_the_text_and_stores_nothing(client, category, world):
    ana = client("ana")
    answer = ana.post("/desk/help/new", data=fields(preview="1"))
    assert answer.status_code == 200 and answer.page.all("h2", id="s-renew-the-token")
    assert world.rows(HelpVersion) == []
    assert answer.page.form("/desk/help/new").values["title"] == ["Renew a token"]
    assert ana.post("/desk/help/new", data=fields(preview="1", title="")).status_code == 422


def test_kb_withdrawn_says_so_to_its_readers_and_leads_on(client, category, ada):
    old = help_articles.add_article(ada, category, "The old way", audience="signed_in")
    help_articles.add_article(ada, category, "The new way", audience="signed_in")
    lee, rita = client("lee"), client("rita")
    here = "/desk/help/articles/the-old-way/withdraw"
    refused = lee.post(here, data={"replacement": "/help/articles/no-such"})
    assert refused.status_code == 422 and "no-such" in refused.text
    assert (
        lee.post(here, data={"replacement": "http://northwind.localhost/help/articles/the-new-way"}).status_code == 303
    )
    gone = rita.get("/help/articles/the-old-way")
    assert gone.status_code == 410 and "/help/articles/the-new-way" in gone.page.links
    assert client().get("/help/articles/the-old-way").status_code == 404
    assert "The old way" not in rita.get("/help").text and "The old way" not in rita.get("/help?q=old").text
    with pytest.raises(Conflict):
        actions.withdraw_article(ada, old)
    actions.publish_article(ada, old, "en")
    assert rita.get("/help/articles/the-old-way").status_code == 200


def test_kb_a_draft_is_deleted_and_a_published_article_is_not(client, category, ada):
    draft = help_articles.add_article(ada, category, "A draft", published=False)
    known = help_articles.add_article(ada, category, "Known")
    assert client("ana").post("/desk/help/articles/a-draft/delete", data={}).status_code == 303
    with pytest.raises(NotFound):
        editing.article(ada, draft.slug)
    with pytest.raises(Conflict):
        actions.delete_article(ada, known)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"title": " "}, "Write a title"),
        ({"body": ""}, "Write the text"),
        ({"title": "x" * 141}, "140 characters"),
        ({"category": "elsewhere"}, "Choose one of the answers shown"),
        ({"audience": "organizations"}, "Write the name of at least one client"),
        ({"audience": "organizations", "organizations": "Nobody & Sons"}, "No client is called"),
        ({"audience": "roles"}, "Choose at least one"),
        ({"audience": "roles", "roles": "lead"}, "Choose from the list"),
        ({"review_on": "tomorrow"}, "2027-01-31"),
        ({"language": "xx"}, "Choose one of the answers shown"),
    ],
)
def test_kb_a_refused_draft_keeps_every_word(client, category, changed, sentence):
    answer = client("ana").post("/desk/help/new", data=fields(**changed))
    assert answer.status_code == 422 and sentence in answer.text
    form = answer.page.form("/desk/help/new")
    assert form.values["summary"] == ["When invoices stop."] and form.values["review_on"] != [""]


def test_kb_words_of_editors_are_text(client, category, ada):
    evil = "<script>alert(1)</script> \"'><img src=x onerror=y>"
    help_articles.add_article(ada, category, evil, summary=evil, body=f"## {evil}\n{evil}\n## Two\n## Three")
    category_actions.add_category(ada, names={"en": evil})
    for path, who in (("/help", "rita"), ("/desk/help", "ana"), ("/desk/help/categories", "ana")):
        assert "<script>alert" not in client(who).get(path).text
    slug = reading.find_articles(ada, "alert", ["en"]).rows[0].slug
    for path, who in ((f"/help/articles/{slug}", "rita"), (f"/desk/help/articles/{slug}", "ana")):
        page = client(who).get(path)
        assert "<script>alert" not in page.text and "<img src=x" not in page.text


def test_kb_categories_are_named_by_language_moved_and_deleted_when_empty(client, category, ada):
    lee = client("lee")
    assert (
        lee.post(
            "/desk/help/categories/new", data={"name_en": "Printing", "name_pl": "Drukowanie", "position": "0"}
        ).status_code
        == 303
    )
    assert (
        lee.post("/desk/help/categories/new", data={"name_en": "", "name_pl": "X", "position": "0"}).status_code == 422
    )
    here = "/desk/help/categories/printing"
    form = lee.get(here).page.form(here)
    assert form.values["name_pl"] == ["Drukowanie"]
    changed = {"name_en": "Paper", "name_pl": "", "position": "3", "version": form.values["version"][0]}
    assert lee.post(here, data=changed).status_code == 303
    assert lee.post(here, data=changed).status_code == 409
    help_articles.add_article(ada, reading.category(ada, "printing"), "Trays")
    assert lee.post(f"{here}/delete", data={}).status_code == 409
    assert client("ana").get(here).status_code == 403


def test_kb_addresses_are_unique_and_stay(category, ada):
    first = help_articles.add_article(ada, category, "Żółta łódź")
    second = help_articles.add_article(ada, category, "Zolta lodz!")
    third = help_articles.add_article(ada, category, "новости")
    assert [row.slug for row in (first, second, third)] == ["zolta-lodz", "zolta-lodz-2", "article"]
