"""Static files are kept by whoever asked for them by the address that a page names; nothing of a person is."""

import re

FOR_EVER = "public, max-age=31536000, immutable"


def test_what_a_page_names_is_kept_for_ever_by_every_cache(as_user, client):
    """Signed in or not: no cookie decides what the answer is, so no proxy keeps it per person."""
    for browser, path in ((as_user("rita"), "/cases"), (client(), "/sign-in")):
        addresses = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', browser.get(path).text))
        assert len(addresses) > 8
        for address in sorted(addresses):
            answer = browser.get(address)
            assert answer.status_code == 200 and answer.headers["Cache-Control"] == FOR_EVER, address
            assert "Cookie" not in answer.headers.get("Vary", "") and "Set-Cookie" not in answer.headers, address


def test_an_address_of_another_version_is_asked_for_again(client):
    for address in ("/static/js/app.js?v=0123456789", "/static/js/app.js"):
        assert client().get(address).headers["Cache-Control"] == "no-cache"


def test_what_is_not_there_is_not_kept(client):
    answer = client().get("/static/js/nothing.js?v=")
    assert answer.status_code == 404 and answer.headers["Cache-Control"] == "no-store"


def test_fonts_named_by_style_sheets_are_kept(client):
    answer = client().get("/static/fonts/hanken-grotesk-latin-wght-normal.woff2")
    assert answer.headers["Cache-Control"] == FOR_EVER


def test_pages_of_a_person_are_in_no_cache(as_user):
    for path in ("/", "/cases", "/me/profile", "/support"):
        answer = as_user("rita").get(path)
        assert answer.headers["Cache-Control"] == "no-store" and "Cookie" in answer.headers["Vary"]
