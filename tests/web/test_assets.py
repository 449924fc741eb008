"""Static files are kept by whoever asked for them by the address that a page names; nothing of a person is."""

import re

import pytest

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


@pytest.mark.check(31, "`no-store`")
def test_pages_of_a_person_are_in_no_cache(as_user):
    for path in ("/", "/cases", "/me/profile", "/support"):
        answer = as_user("rita").get(path)
        assert answer.headers["Cache-Control"] == "no-store" and "Cookie" in answer.headers["Vary"]


def transferred(browser, address):
    """The bytes that an answer takes on its way to a browser."""
    return len(browser.get(address, headers={"Accept-Encoding": "gzip, deflate, br"}, checked=False).data)


def named_files(browser, path):
    """The files that the page at *path* names, and the fonts that its style sheets name first."""
    files = set(re.findall(r'(?:href|src)="((?:/static|/theme)/[^"#]+)', browser.get(path).text))
    sheets = [browser.get(file).text for file in files if ".css" in file]
    return files | {font for sheet in sheets for font in re.findall(r"/static/fonts/[^\"')]+", sheet)}


@pytest.mark.check(23, "bytes with every font, on Home of both sides")
def test_a_first_visit_and_a_repeated_one_are_light(as_user):
    for who, path in (("rita", "/"), ("ana", "/desk/queue/all")):
        browser = as_user(who)
        again = transferred(browser, path)
        assert again <= 30_000
        assert again + sum(transferred(browser, file) for file in named_files(browser, path)) <= 150_000


@pytest.mark.check(24, "compressed with brotli")
def test_style_and_script_are_small_and_our_own(as_user):
    for who, path in (("ana", "/desk/queue/all"), ("ada", "/admin/departments"), ("rita", "/")):
        browser = as_user(who)
        files = named_files(browser, path)
        sizes = {kind: sum(transferred(browser, f) for f in files if f".{kind}" in f) for kind in ("css", "js")}
        # The budget of ux.md, 16 kB, read as 16 × 1,024 bytes.
        assert sizes["css"] <= 16 * 1024 and sizes["js"] <= 26_000, (path, sizes)
        page = browser.get(path).text
        assert not re.search(r'<(?:link|script|img)[^>]+(?:href|src)="(?:https?:)?//', page)


def test_a_range_that_cannot_be_met_is_named_so(client):
    answer = client().get("/static/icons.svg", headers={"Range": "bytes=99999999-"}, checked=False)
    assert answer.status_code == 416 and answer.headers["Content-Range"].startswith("bytes */")
    assert client().get("/static/icons.svg", headers={"Range": "bytes=0-9"}).status_code == 206
