"""One row for each signed-in browser: rotated, revoked at once, ended when idle, and only one's own."""

import pytest

from portal import factory
from portal.factory import SEEN_EVERY
from portal.identity.models import BrowserSession
from portal.kernel.ids import new_id
from tests.identity.steps import sign_in
from tests.support import crawler


def session_of(world, who):
    """The newest sign-in of somebody."""
    return world.rows(BrowserSession, BrowserSession.user_id == world.person(who).id)[-1]


def test_signing_in_gives_a_new_token_and_a_new_form_secret(world, client):
    browser = client()
    browser.remember(_user_id="planted", csrf_token="planted", extra="planted")
    form = next(f for f in browser.get("/sign-in").page.forms if f.action == "/sign-in")
    browser.submit(form, email=world.rita.email, password="parley-demo")
    assert browser.cookie.keys() == {"_user_id", "_fresh", "_id"}
    assert browser.cookie["_user_id"] != "planted"


def test_signing_in_anew_ends_the_earlier_sign_in_of_this_browser(world, client):
    browser, thief = client("rita"), client()
    thief.remember(**browser.cookie)
    sign_in(browser, world.mel.email)
    assert thief.get("/me").status_code == 302
    assert "Mel Harper" in browser.get("/me").page.text


def test_signing_out_ends_the_row_and_empties_the_cookie(world, client):
    browser, copy = client("rita"), client()
    copy.remember(**browser.cookie)
    form = next(f for f in browser.get("/sign-out").page.forms if f.action == "/sign-out")
    answer = browser.submit(form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert "_user_id" not in browser.cookie
    assert copy.get("/me").status_code == 302


def test_opening_the_sign_out_page_signs_nobody_out(client):
    browser = client("rita")
    for _ in range(10):
        browser.get("/sign-out")
        browser.head("/sign-out")
    assert browser.get("/me").status_code == 200


def test_a_sign_out_from_another_site_does_nothing(client):
    browser = client("rita")
    assert browser.post("/sign-out", csrf=False).status_code == 422
    assert browser.get("/me").status_code == 200


def test_signing_out_twice_is_no_error(client):
    browser = client()
    assert browser.post("/sign-out").status_code == 303
    assert browser.get("/sign-out").status_code == 303


def test_a_revoked_browser_is_out_with_its_next_request(world, client):
    here, lost = client("rita"), client("rita")
    row = session_of(world, "rita")
    assert lost.get("/me").status_code == 200
    assert here.post(f"/me/sessions/{row.id}/end").status_code == 303
    assert lost.get("/me").status_code == 302
    assert lost.hx("/me").status_code == 401
    assert here.get("/me").status_code == 200


def test_the_other_browsers_are_ended_together(world, client):
    here, *others = client("rita"), client("rita"), client("rita")
    assert here.post("/me/sessions/end-others").status_code == 303
    assert [browser.get("/me").status_code for browser in (here, *others)] == [200, 302, 302]


def test_ending_this_very_browser_is_signing_out(world, client):
    browser = client("rita")
    answer = browser.post(f"/me/sessions/{session_of(world, 'rita').id}/end")
    assert answer.headers["Location"] == "/sign-in"
    assert browser.get("/me").status_code == 302


def test_the_page_of_an_ending_changes_nothing(world, client):
    browser = client("rita")
    client("rita")
    row = session_of(world, "rita")
    for path in (f"/me/sessions/{row.id}/end", "/me/sessions/end-others"):
        assert browser.get(path).status_code == 200
    assert len(browser.get("/me/sessions").page.all("tr", class_="list__row")) == 2


def test_the_list_shows_ones_own_sign_ins_and_marks_this_browser(world, client):
    client("mel")
    sign_in(client(), world.rita.email)
    browser = client()
    firefox = "Mozilla/5.0 (Windows NT 10.0; rv:150.0) Gecko/20100101 Firefox/150.0 <b>"
    fields = {"email": world.rita.email, "password": "parley-demo"}
    browser.post("/sign-in", data=fields, headers={"User-Agent": firefox})
    page = browser.get("/me/sessions").page
    rows = [row.text for row in page.all("tr", class_="list__row")]
    assert len(rows) == 2
    assert "Firefox on Windows This browser 127.0.0.1" in rows[0]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_persons_session_does_not_exist(world, client, method):
    client("mel")
    foreign = session_of(world, "mel")
    browser = client("rita")
    for path in (
        f"/me/sessions/{foreign.id}/end",
        f"/me/sessions/{new_id()}/end",
        "/me/sessions/x/end",
        "/me/sessions/%00/end",
        f"/me/sessions/{'9' * 400}/end",
    ):
        assert browser.open(path, method=method).status_code == 404
    assert session_of(world, "mel").ended_at is None


def test_a_session_is_worth_nothing_at_another_provider(world, client):
    browser = client("rita")
    neighbor = client(host=world.southgate.host)
    neighbor.remember(**browser.cookie)
    assert neighbor.get("/me").status_code == 302
    assert browser.get("/me").status_code == 200


@pytest.mark.parametrize("sid", ["", "x", "\x00", "a" * 5000, None, 7, ["x"], {"a": 1}])
def test_a_forged_session_is_nobody(client, sid):
    browser = client()
    browser.remember(_user_id=sid)
    assert browser.get("/me").status_code == 302
    assert browser.get("/sign-in").status_code == 200


def test_after_eight_idle_hours_the_sign_in_page_says_why_and_leads_back(client, travel):
    browser = client("rita")
    travel(hours=8, seconds=1)
    turned_away = browser.get("/me/preferences")
    assert turned_away.status_code == 302
    page = browser.get(turned_away.headers["Location"]).page
    assert "You were signed out after 8 hours" in page.text
    assert page.first("input", name="next").get("value") == "/me/preferences"


@pytest.mark.check(36, "401 with `HX-Redirect`")
def test_a_fragment_without_session_is_401_with_the_way_to_the_door(client, travel):
    browser = client("rita")
    travel(hours=9)
    answer = browser.hx("/me/sessions")
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/me/sessions"


def test_being_here_keeps_a_sign_in_alive(world, client, travel):
    browser = client("rita")
    for _ in range(3):
        travel(hours=5)
        browser.get("/me").close()
    assert browser.get("/me").status_code == 200


def test_the_last_seen_time_is_written_at_most_once_a_minute(world, client, travel, statements, monkeypatch):
    monkeypatch.setattr(factory, "SEEN_EVERY", SEEN_EVERY)  # the fixture `statements` makes it a day
    browser = client("rita")

    def updates():
        with statements() as seen:
            browser.get("/me").close()
        return [s for s in seen if s.startswith("UPDATE browser_sessions")]

    assert updates() == []
    travel(seconds=61)
    assert len(updates()) == 1
    assert updates() == []


def test_an_observation_that_fails_spoils_no_answer(client, travel, monkeypatch):
    from portal.identity import actions

    def broken(*_args):
        raise RuntimeError("no")

    browser = client("rita")
    travel(minutes=2)
    monkeypatch.setattr(actions, "mark_seen", broken)
    answer = browser.get("/me")
    answer.close()
    assert answer.status_code == 200
    assert browser.get("/me").status_code == 200


def test_a_sign_in_ends_with_the_persons_access(world, client):
    from portal.identity import actions
    from portal.identity.models import User

    browser = client("rita")
    actions.end_person(world.system(), world.row(User, world.rita))
    assert browser.get("/me").status_code == 302


@pytest.mark.parametrize("who", [None, "rita", "ana"])
def test_what_a_script_asks_for_in_the_background_never_sets_the_session(world, client, app, who):
    """Its answer may arrive after that of a form, and would put the session of before in place of the new one."""
    browser = client(who) if who else client()
    session_cookie, asked, wrong = f"{app.config['SESSION_COOKIE_NAME']}=", 0, []
    for rule in app.url_map.iter_rules():
        if rule.endpoint in crawler.NOT_PAGES and "GET" in rule.methods and not rule.arguments:
            answer = browser.get(rule.rule, checked=False)
            asked += answer.status_code == 200
            set_here = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith(session_cookie)]
            if answer.status_code == 200 and set_here:
                wrong.append(rule.endpoint)
    assert not wrong and asked >= 2
