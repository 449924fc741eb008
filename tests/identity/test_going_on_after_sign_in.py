"""`?next=` leads back to a page of this host and nowhere else."""

import pytest

from portal.identity.sign_in import safe_next_path
from tests.identity.steps import sign_in

FOREIGN = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "http:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\x00/cases",
    " //evil.example",
    "/\r\nSet-Cookie: a=b",
    "/cases\x00",
    "/\u202ecases",
    "https:///evil.example",
    "//[::1",
    "?a=b",
    "/" + "x" * 5000,
    "/cases\ud800",
]
OWN_PAGES = ["/sign-in", "/sign-in/password", "/sign-out", "/password", "/invite/abc"]
LOCAL = ["/", "/cases", "/cases/ACME-1?opened=1", "/search?q=https://evil.example//x", "/help/żółw", "/cases#timeline"]


@pytest.mark.parametrize("value", FOREIGN + OWN_PAGES)
def test_a_foreign_path_or_a_door_is_ignored(value):
    assert safe_next_path(value) == ""


@pytest.mark.parametrize("value", LOCAL)
def test_a_path_of_this_host_is_kept(value):
    assert safe_next_path(value) == value


@pytest.mark.parametrize("value", [v for v in FOREIGN if "\ud800" not in v])
def test_signing_in_with_a_foreign_next_lands_at_home(world, client, value):
    answer = sign_in(client(), world.rita.email, next=value)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_a_guarded_page_comes_back_after_signing_in(world, client):
    browser = client()
    turned_away = browser.get("/me/preferences?x=1")
    assert turned_away.status_code == 302
    page = browser.get(turned_away.headers["Location"]).page
    form = next(f for f in page.forms if f.action == "/sign-in")
    answer = browser.submit(form, email=world.rita.email, password="parley-demo")
    assert answer.headers["Location"] == "/me/preferences?x=1"


def test_the_next_page_survives_a_wrong_password_and_the_second_step(world, client):
    browser = client()
    wrong = sign_in(browser, world.rita.email, "not-this-one", next="/cases")
    assert wrong.page.first("input", name="next").get("value") == "/cases"
    second = browser.post("/sign-in", data={"email": world.rita.email, "next": "/cases"})
    assert "next=/cases" in second.headers["Location"].replace("%2F", "/")
