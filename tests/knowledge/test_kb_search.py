"""FEATURES 2.6 and "KB suggestions while typing": articles in search, while typing a case, and beside a case."""

import pytest

from portal.knowledge.actions import articles as actions
from portal.knowledge.queries import reading
from portal.tenants.models import Organization
from tests.support import help_articles


@pytest.fixture
def ada(world):
    return world.ctx("ada")


@pytest.fixture
def articles(world, ada):
    category = help_articles.add_category(ada)
    globex = [world.row(Organization, world.organizations["Globex"])]
    return {
        "vpn": help_articles.add_article(ada, category, "Renew an expired VPN token", audience="signed_in"),
        "printer": help_articles.add_article(ada, category, "The printer prints blank pages", body="Not the token."),
        "globex": help_articles.add_article(
            ada, category, "Token of the Globex gate", audience="organizations", organizations=globex
        ),
        "staff": help_articles.add_article(ada, category, "Token rules for us", audience="staff"),
        "draft": help_articles.add_article(ada, category, "Token draft", published=False),
    }


def titles(page):
    return [e.text for e in page.all("bdi")]


def test_kb_search_shows_articles_with_the_word_in_the_title_first(client, articles):
    page = client("rita").get("/search?q=token").page
    shown = titles(page)
    assert shown.index("Renew an expired VPN token") < shown.index("The printer prints blank pages")
    assert not {"Token of the Globex gate", "Token rules for us", "Token draft"} & set(shown)
    assert "Token of the Globex gate" in titles(client("gil").get("/search?q=token").page)


def test_kb_search_on_the_desk_leads_to_the_pages_of_the_desk(client, articles):
    ana, tom = client("ana"), client("tom")
    assert "/desk/help/articles/token-rules-for-us" in ana.get("/desk/search?q=token").page.links
    assert "/desk/help/articles/token-of-the-globex-gate" in tom.get("/desk/search?q=token").page.links
    assert "Token draft" not in ana.get("/desk/search?q=token").text


@pytest.mark.parametrize("q", ["", "   ", "()&|!:*'", "\x00", "x" * 400, "<script>", "%_\\"])
def test_kb_search_any_question_gets_a_page(client, articles, q):
    for path in ("/help", "/search", "/desk/search"):
        answer = client("ana" if path.startswith("/desk") else "rita").get(path, query_string={"q": q})
        assert answer.status_code == 200 and "<script>alert" not in answer.text


def test_kb_suggestions_while_typing_offer_only_what_the_person_may_read(client, articles):
    answer = client("rita").hx("/new/question/alike?subject=My+VPN+token+is+expired", target="alike")
    assert answer.status_code == 200
    shown = titles(answer.page)
    assert shown[0] == "Renew an expired VPN token"
    assert not {"Token of the Globex gate", "Token rules for us", "Token draft"} & set(shown)
    assert "/help/articles/token-of-the-globex-gate" in client("gil").hx("/new/question/alike?subject=token").page.links


def test_kb_suggestions_without_script_stand_on_the_form_that_comes_back(client, articles):
    rita = client("rita")
    assert "/help/articles/renew-an-expired-vpn-token" not in rita.get("/new/question").page.links
    here = rita.get("/new/question?subject=Expired+token").page
    assert "/help/articles/renew-an-expired-vpn-token" in here.links
    form = here.form("/new/question")
    answer = rita.submit(form, subject="A token expired", description="")
    assert answer.status_code == 422 and "/help/articles/renew-an-expired-vpn-token" in answer.page.links


def test_kb_suggestions_short_words_and_withdrawn_articles_suggest_nothing(ada, world, articles):
    rita = world.ctx("rita")
    assert not reading.suggest_articles(rita, "the an of", ["en"])
    assert reading.suggest_articles(rita, "expired", ["en"])
    actions.withdraw_article(ada, articles["vpn"])
    assert not reading.suggest_articles(rita, "expired", ["en"])


def test_kb_suggestions_beside_a_case_are_for_staff_and_say_who_reads_them(client, world, articles):
    case = world.open_case("rita", subject="The token of our gate")
    page = client("ana").get(f"/desk/cases/{case.key}").page
    panel = page.first("section", id="help-articles")
    assert {"Token rules for us", "Token of the Globex gate"} <= {e.text for e in panel.all("bdi")}
    assert {"Our team", "Some clients"} <= {e.text for e in panel.all("span")}
    assert not client("rita").get(f"/cases/{case.key}").page.all("section", id="help-articles")


def test_kb_suggestions_nothing_is_drawn_where_there_is_no_article(client, world):
    case = world.open_case("rita", subject="The token of our gate")
    assert not client("ana").get(f"/desk/cases/{case.key}").page.all("section", id="help-articles")
    assert "These articles may help" not in client("rita").get("/new/question?subject=token").text
    assert not client("rita").get("/search?q=token").page.all("section", **{"aria-labelledby": "s-articles"})
