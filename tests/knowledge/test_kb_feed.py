"""The feed of articles: only what everybody may read, as well-formed XML."""

from xml.etree import ElementTree

from tests.support import help_articles

ATOM = "{http://www.w3.org/2005/Atom}"


def test_kb_feed_holds_only_articles_for_everybody_whoever_asks(client, world):
    ada = world.ctx("ada")
    assert client().get("/help/feed").status_code == 404
    category = help_articles.add_category(ada)
    help_articles.add_article(ada, category, "For the signed in", audience="signed_in")
    assert client("rita").get("/help/feed").status_code == 404
    assert "/help/feed" not in client("rita").get("/help").page.links
    evil = "<b>&amp;\"'\ufffe ]]> title"
    help_articles.add_article(ada, category, evil, summary="<script>alert(1)</script>")
    help_articles.add_article(ada, category, "A draft", published=False)
    for who in (None, "rita", "ana"):
        answer = client(who).get("/help/feed")
        assert answer.status_code == 200 and answer.mimetype == "application/atom+xml"
        root = ElementTree.fromstring(answer.data)
        entries = root.findall(f"{ATOM}entry")
        assert [entry.findtext(f"{ATOM}title") for entry in entries] == ["<b>&amp;\"'\ufffd ]]> title"]
        assert entries[0].findtext(f"{ATOM}summary") == "<script>alert(1)</script>"
        (link,) = entries[0].findall(f"{ATOM}link")
        assert link.get("href").startswith("http") and "/help/articles/b-amp-title" in link.get("href")
    assert "/help/feed" in client().get("/help").page.links
