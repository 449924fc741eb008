"""The authenticator app and recovery codes: set up, asked for at sign-in, used once, and not to be guessed."""

import re

import pytest

from portal.identity.factor_models import Authenticator, RecoveryCode
from portal.identity.models import BrowserSession, User
from portal.kernel.events import Event
from portal.kernel.security_events import SecurityEvent
from tests.identity.second_factors import code_of, set_up_app
from tests.identity.steps import PASSWORD, sign_in

KEY = re.compile(r"<code class=\"key-text\" id=\"key\">([A-Z2-7 ]+)</code>")


def step(browser, code):
    """Type *code* on the page of the step."""
    answer = browser.submit(browser.get("/sign-in/factor").page.form("/sign-in/factor"), code=code)
    answer.close()  # what is stored after the answer
    return answer


def sessions(world, who):
    return [
        row for row in world.rows(BrowserSession, BrowserSession.user_id == world.person(who).id) if not row.ended_at
    ]


def test_an_app_is_set_up_by_its_first_code_and_recovery_codes_are_shown_once(world, client):
    browser = client("rita")
    page = browser.get("/me/factors/app")
    assert "<svg" in page.text and "otpauth" not in page.text
    secret = KEY.search(page.text)[1].replace(" ", "")
    form = page.page.form("/me/factors/app")
    wrong = browser.submit(form, code="000000")
    assert wrong.status_code == 422 and KEY.search(wrong.text)[1].replace(" ", "") == secret
    answer = browser.submit(form, code=code_of(world, secret))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me/factors/codes")
    shown = browser.get("/me/factors/codes")
    codes = [code.text for code in shown.page.all("code")]
    assert len(set(codes)) == 10 and all(re.fullmatch(r"[a-z2-9]{5}-[a-z2-9]{5}", code) for code in codes)
    browser.submit(shown.page.form("/me/factors/codes"))
    after = browser.get("/me/factors/codes")
    assert not any(code in after.text for code in codes)
    assert "10 recovery codes are left" in browser.get("/me/factors").page.text
    row = world.rows(Authenticator)[-1]
    assert secret not in row.secret
    assert all(code.encode() not in row.hash for row in world.rows(RecoveryCode) for code in codes)
    names = [event.name for event in world.rows(Event) if event.subject_id == world.rita.id]
    assert names[-1] == "person.factor_added"


def test_the_password_alone_is_no_sign_in_and_the_code_leads_to_where_one_was_going(world, client):
    secret, _codes = set_up_app(world, "rita")
    browser, before = client(), len(sessions(world, "rita"))
    answer = sign_in(browser, world.rita.email, next="/cases?status=open")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in/factor")
    assert "_user_id" not in browser.cookie and browser.get("/me").status_code == 302
    assert len(sessions(world, "rita")) == before
    answer = step(browser, code_of(world, secret))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/cases?status=open")
    assert browser.get("/me").status_code == 200
    event = world.rows(Event, Event.name == "session.started")[-1]
    assert (event.facts["method"], event.facts["factor"]) == ("password", "app")
    assert "factor_step" not in browser.cookie


def test_an_unsent_form_survives_the_step(world, client):
    secret, _codes = set_up_app(world, "rita")
    browser = client("rita")
    form = browser.get("/me").page.form("/me")
    for row in world.rows(BrowserSession, BrowserSession.user_id == world.rita.id):
        row.ended_at = row.created_at
    world.session.flush()
    answer = browser.submit(form, name="Rita Longer-Name")
    path = answer.headers["Location"].partition("next=")[2].replace("%2F", "/")
    sign_in(browser, world.rita.email, next=path)
    assert step(browser, code_of(world, secret)).headers["Location"] == path
    assert "Rita Longer-Name" in browser.get(path).text


def test_a_code_works_once_and_one_step_early_or_late(world, client):
    secret, _codes = set_up_app(world, "rita")
    first, second = client(), client()
    sign_in(first, world.rita.email)
    sign_in(second, world.rita.email)
    code = code_of(world, secret)
    assert step(first, code).status_code == 303
    again = step(second, code)
    assert again.status_code == 422 and "That code is not right" in again.page.text and code not in again.text
    assert step(second, code_of(world, secret, -1)).status_code == 422  # earlier than the one that was used
    assert step(second, code_of(world, secret, 2)).status_code == 422
    assert step(second, code_of(world, secret, 1)).status_code == 303


def test_a_recovery_code_works_once_and_says_how_many_are_left(world, client):
    _secret, codes = set_up_app(world, "rita")
    browser = client()
    sign_in(browser, world.rita.email)
    assert step(browser, f"  {codes[3].upper().replace('-', ' ')} ").status_code == 303
    assert "9 recovery codes are left" in browser.get("/me/factors").page.text
    other = client()
    sign_in(other, world.rita.email)
    assert step(other, codes[3]).status_code == 422
    assert world.rows(Event, Event.name == "person.recovery_code_used")[-1].facts == {"left": 9}


def test_the_step_is_of_one_browser_one_purpose_and_fifteen_minutes(world, client, travel):
    secret, _codes = set_up_app(world, "rita")
    browser = client()
    sign_in(browser, world.rita.email)
    assert client().get("/sign-in/factor").headers["Location"] == "/sign-in"
    token = browser.cookie["factor_step"]["token"]
    for path in ("/sign-in/link/", "/password/", "/invite/", "/email/"):
        assert client().get(path + token).status_code == 404
    travel(minutes=16)
    answer = browser.post("/sign-in/factor", data={"code": code_of(world, secret)})
    assert answer.headers["Location"] == "/sign-in" and "_user_id" not in browser.cookie


def test_a_step_is_over_with_a_new_password_and_with_the_persons_access(world, client):
    from portal.identity import actions

    secret, _codes = set_up_app(world, "rita")
    for end in (
        lambda: actions.set_password(world.system(), world.row(User, world.rita), "another long pass phrase"),
        lambda: actions.end_person(world.system(), world.row(User, world.rita)),
    ):
        browser = client()
        password = PASSWORD if end.__code__.co_names[1] == "set_password" else "another long pass phrase"
        sign_in(browser, world.rita.email, password)
        end()
        world.session.flush()
        answer = browser.post("/sign-in/factor", data={"code": code_of(world, secret)})
        assert answer.headers["Location"] == "/sign-in" and "_user_id" not in browser.cookie


@pytest.mark.parametrize("code", ["", "\x00", "١٢٣٤٥٦", "12345", "1234567890123", "x" * 100_000, "\u202e123456", "🙂"])
def test_what_is_no_code_is_only_wrong(world, client, code):
    set_up_app(world, "rita")
    browser = client()
    sign_in(browser, world.rita.email)
    answer = browser.post("/sign-in/factor", data={"code": code})
    assert answer.status_code == 422 and answer.page.all(id="code-error")
    assert "_user_id" not in browser.cookie


def test_ten_wrong_codes_from_a_place_end_its_tries_and_nobody_elses(world, client):
    secret, codes = set_up_app(world, "rita")
    attacker = client()
    sign_in(attacker, world.rita.email)
    for _try in range(10):
        assert step(attacker, "000000").status_code == 422
    right, wrong = step(attacker, code_of(world, secret)), step(attacker, "000000")
    assert right.status_code == wrong.status_code == 429
    assert "There were too many wrong codes" in right.page.text
    elsewhere = client()
    elsewhere.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    sign_in(elsewhere, world.rita.email)
    assert step(elsewhere, code_of(world, secret)).status_code == 303
    # … and even there a recovery code lets the person in.
    assert attacker.post("/sign-in/factor", data={"code": codes[0]}).status_code == 303
    kinds = {event.kind for event in world.rows(SecurityEvent)}
    assert {"sign_in.code_failed", "sign_in.code_throttled"} <= kinds


def test_many_places_together_get_thirty_guesses_and_a_known_browser_stays_free(world, client):
    secret, _codes = set_up_app(world, "rita")
    known = client()
    sign_in(known, world.rita.email)
    assert step(known, code_of(world, secret)).status_code == 303
    answered = 0
    for place in range(8):
        attacker = client()
        attacker.environ_base["REMOTE_ADDR"] = f"203.0.113.{place}"
        sign_in(attacker, world.rita.email)
        for _try in range(10):
            answered += attacker.post("/sign-in/factor", data={"code": "000000"}).status_code == 422
    assert answered == 30
    known.post("/sign-out")
    sign_in(known, world.rita.email)
    assert step(known, code_of(world, secret, 1)).status_code == 303


def test_removing_the_app_takes_the_recovery_codes_along(world, client):
    set_up_app(world, "rita")
    browser = client("rita")
    assert browser.submit(browser.get("/me/factors/app/remove").page.form("/me/factors/app/remove")).status_code == 303
    assert not world.rows(Authenticator, Authenticator.user_id == world.rita.id)
    assert not world.rows(RecoveryCode, RecoveryCode.user_id == world.rita.id)
    again = browser.post("/me/factors/app/remove")
    assert again.status_code == 409 and "was removed already" in again.page.text
    assert browser.post("/me/factors/codes").status_code == 409


def test_new_recovery_codes_end_the_old_ones(world, client):
    _secret, old = set_up_app(world, "rita")
    browser = client("rita")
    browser.submit(browser.get("/me/factors/codes").page.form("/me/factors/codes"))
    new = [code.text for code in browser.get("/me/factors/codes").page.all("code")]
    assert len(new) == 10 and not set(new) & set(old)
    other = client()
    sign_in(other, world.rita.email)
    assert step(other, old[0]).status_code == 422
    assert step(other, new[0]).status_code == 303


def test_a_stale_form_token_neither_signs_in_nor_uses_the_code(world, client):
    secret, _codes = set_up_app(world, "rita")
    browser = client()
    sign_in(browser, world.rita.email)
    assert browser.post("/sign-in/factor", csrf=False, data={"code": code_of(world, secret)}).status_code == 422
    assert step(browser, code_of(world, secret)).status_code == 303
