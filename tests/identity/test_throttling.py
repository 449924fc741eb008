"""Failed tries make the next one wait; right ones never do; Redis may be gone."""

import socket
import time

import pytest

from portal.identity.models import User
from portal.kernel import tokens
from portal.web import throttle
from tests.identity.steps import PASSWORD, WRONG, masked, sign_in


@pytest.fixture(params=["with Redis", "Redis refuses", "without Redis"])
def counters(request, app, world, monkeypatch):
    """Fresh counters, however Redis is."""
    url = {"with Redis": app.config["REDIS_URL"], "Redis refuses": "redis://127.0.0.1:1/0", "without Redis": ""}
    made = throttle.Counters(url[request.param])
    monkeypatch.setitem(app.extensions, throttle.EXTENSION, made)
    return made


def test_the_sixth_try_waits_in_words_with_the_address_kept(world, client, counters):
    browser = client()
    assert [sign_in(browser, world.rita.email, WRONG).status_code for _ in range(5)] == [422] * 5
    answer = sign_in(browser, world.rita.email)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 30
    assert f"Wait {answer.headers['Retry-After']} second" in answer.page.text
    assert world.rita.email in answer.text
    assert PASSWORD not in answer.text


def test_an_unknown_address_waits_with_the_same_bytes(world, client, counters):
    answers = []
    for email in (world.rita.email, "nobody@acme.example"):
        for _ in range(5):
            sign_in(client(), email, WRONG)
        answer = sign_in(client(), email, WRONG)
        answers.append((answer.status_code, masked(answer, email, f"Wait {answer.headers['Retry-After']} second")))
    assert answers[0] == answers[1]
    assert answers[0][0] == 429


def test_another_browser_waits_too_and_another_account_does_not(world, client, counters):
    for _ in range(5):
        sign_in(client(), world.rita.email, WRONG)
    assert sign_in(client(), world.rita.email.upper()).status_code == 429
    assert sign_in(client(), world.mel.email).status_code == 303


def test_the_same_address_at_another_provider_does_not_wait(world, client, counters):
    for _ in range(5):
        sign_in(client(), world.rita.email, WRONG)
    assert sign_in(client(host=world.southgate.host), world.rita.email).status_code == 303


def test_after_the_pause_one_try_is_heard_and_the_right_password_ends_it(world, client, counters):
    for _ in range(5):
        sign_in(client(), world.rita.email, WRONG)
    key = throttle.account_key(world.system(), world.rita.email)
    counters.forget(throttle.ACCOUNT_PAUSE, key)  # 30 seconds later
    assert sign_in(client(), world.rita.email, WRONG).status_code == 422
    assert sign_in(client(), world.rita.email).status_code == 429
    counters.forget(throttle.ACCOUNT_PAUSE, key)
    assert sign_in(client(), world.rita.email).status_code == 303
    assert [sign_in(client(), world.rita.email, WRONG).status_code for _ in range(5)] == [422] * 5


def test_successful_sign_ins_are_never_throttled(world, client, counters):
    assert {sign_in(client(), world.rita.email).status_code for _ in range(60)} == {303}


def test_one_place_that_tries_many_accounts_waits(world, client, counters):
    tries = [sign_in(client(), f"user{n}@acme.example", WRONG).status_code for n in range(51)]
    assert tries == [422] * 50 + [429]
    answer = sign_in(client(), "another@acme.example", WRONG)
    assert "Wait 10 minutes" in answer.page.text


def test_a_place_is_an_ipv6_network_not_one_of_its_addresses(world):
    ctx = world.system()
    keys = set()
    for ctx.ip in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "fe80::1%eth0", "", "nonsense", "192.0.2.7"):
        keys.add(throttle.place_key(ctx))
    assert keys == {"2001:db8:1:2::/64", "fe80::/64", "unknown", "192.0.2.7"}


def test_the_sixth_reset_within_an_hour_sends_nothing_and_says_the_same(world, client, counters):
    answers = [client().post("/password", data={"email": world.rita.email}) for _ in range(7)]
    assert {(a.status_code, a.headers["Location"]) for a in answers} == {(303, "/password/sent")}
    links = world.rows(
        tokens.TokenHash,
        tokens.TokenHash.purpose == "password_reset",
        tokens.TokenHash.subject_id == world.row(User, world.rita).id,
    )
    assert len(links) == 5


def test_guessing_the_current_password_in_an_open_browser_waits_too(world, client, counters):
    browser = client("rita")
    fields = {"current": WRONG, "password": "a new pass phrase"}
    assert [browser.post("/me/security", data=fields).status_code for _ in range(6)] == [422] * 5 + [429]


def test_a_redis_that_takes_the_call_and_never_answers_costs_one_short_wait(world, client, app, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        made = throttle.Counters(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        monkeypatch.setitem(app.extensions, throttle.EXTENSION, made)
        started = time.monotonic()
        answers = [sign_in(client(), world.rita.email, WRONG).status_code for _ in range(6)]
        assert answers == [422] * 5 + [429]
        assert time.monotonic() - started < 5
