"""One search over cases, articles, announcements and topics: each under its own scope, ordered by words in titles."""

import pytest

from portal.search.kinds import KINDS, order_kinds
from tests.support import announcements, community, help_articles


@pytest.fixture
def everything(world):
    """A case, an article, an announcement and a topic for each client, all about the VPN."""
    ada = world.ctx("ada")
    shelf = help_articles.add_category(ada)
    for client, by, key in (("Acme", "rita", "ACME"), ("Globex", "gil", "GLOBEX")):
        world.open_case(by, account=key, subject=f"VPN of {client} is slow")
        help_articles.add_article(
            ada,
            shelf,
            f"Renew the VPN token at {client}",
            audience="organizations",
            organizations=[world.organizations[client]],
        )
        announcements.write_announcement(world, f"VPN outage at {client}", accounts=[key])
        space = community.add_space(world, f"{client} only", clients=[client])
        community.ask(world, space, f"Which VPN client at {client}?", by=by)


@pytest.mark.parametrize(
    ("who", "path", "sees", "never"),
    [
        ("rita", "/search", "Acme", "Globex"),
        ("gil", "/search", "Globex", "Acme"),
        ("tom", "/desk/search", "Globex", ""),
    ],
)
def test_search_finds_every_kind_of_ones_own_and_nothing_of_others(client, everything, who, path, sees, never):
    page = client(who).get(f"{path}?q=vpn").page
    main = page.first("main").text
    for title in ("VPN of {} is slow", "Renew the VPN token at {}", "VPN outage at {}", "Which VPN client at {}?"):
        assert title.format(sees) in main
    assert not never or never not in main
    assert {section.attributes["aria-labelledby"] for section in page.all("section")} >= {f"s-{kind}" for kind in KINDS}


def test_search_can_be_of_one_kind(client, everything):
    page = client("rita").get("/search?q=vpn&kind=topics").page
    assert "Which VPN client at Acme?" in page.text and "VPN outage at Acme" not in page.first("main").text
    assert "Globex" not in page.text
    for kind in (*KINDS, "people", "<b>", ""):
        assert client("rita").get("/search", query_string={"q": "vpn", "kind": kind}).status_code == 200
    assert "Nothing found" in client("rita").get("/search?q=unheard&kind=announcements").text


def test_search_shows_typed_words_as_text(client, everything):
    text = client("rita").get("/search", query_string={"q": "<b>vpn</b>", "kind": "topics"}).text
    assert "<b>vpn" not in text


def test_search_orders_kinds_by_the_words_in_titles():
    titles = {"cases": ["The printer is slow"], "articles": ["VPN and printer"], "topics": ["Slow printer of ours"]}
    assert order_kinds("slow printer", titles) == ["cases", "topics", "articles"]
    assert order_kinds("vpn", titles)[0] == "articles"
    assert order_kinds("vpn", {"cases": [], "topics": ["Other"]}) == ["topics", "cases"]
