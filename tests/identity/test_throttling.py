"""Wrong passwords: nobody can hold a person or a provider off, and guessing stays hopeless (decision 0017); Redis may
be gone."""

import socket
import time

import pytest

from portal.identity import throttle
from portal.identity.models import LinkRequest, User
from portal.kernel import tokens
from portal.kernel.security_events import place_of
from portal.notifications.models import OutgoingMail
from portal.web import known_browser
from tests.identity.steps import MISMATCH, PASSWORD, WRONG, masked, sign_in

pytestmark = pytest.mark.slow

HOME, OFFICE = "192.0.2.7", "198.51.100.1"
LIMIT, CAREFUL = throttle.FROM_PLACE.amount, throttle.FROM_PLACE_CAREFULLY.amount


@pytest.fixture(params=["with Redis", "Redis refuses", "without Redis"])
def counters(request, app, world, monkeypatch):
    """Fresh counters, however Redis is."""
    url = {"with Redis": app.config["REDIS_URL"], "Redis refuses": "redis://127.0.0.1:1/0", "without Redis": ""}
    made = throttle.Counters(url[request.param])
    monkeypatch.setitem(app.extensions, throttle.EXTENSION, made)
    return made


@pytest.fixture
def try_at(client, counters):
    """`try_at(place, email, password)` → the answer to a browser at *place* that nobody has used before."""

    def attempt(place, email, password=WRONG, browser=None, **more):
        browser = browser or client(**more)
        answer = browser.post(
            "/sign-in", data={"email": email, "password": password}, environ_base={"REMOTE_ADDR": place}
        )
        answer.get_data()
        answer.close()  # what was noted is stored after the answer
        return answer

    return attempt


def fill(world, counters, email, place, failures):
    """*failures* wrong passwords for *email* from *place*, without the pages around them."""
    ctx = world.system()
    ctx.ip = place
    user = next((p for p in world.people.values() if p.email == email), None)
    source = throttle.source_of(ctx, str(user.id) if user else email)
    with world.app.app_context():
        for _ in range(failures):
            throttle.count_failure(source)


def test_one_attacker_cannot_hold_a_person_off(world, try_at, counters):
    """From another place, and from the very same one while the tries are fewer than the limit."""
    for _ in range(20):
        assert try_at(OFFICE, world.rita.email).status_code == 422
        assert try_at(HOME, world.rita.email, PASSWORD).status_code == 303
        assert try_at(OFFICE, world.rita.email, PASSWORD).status_code == 303
    fill(world, counters, world.rita.email, OFFICE, 10 * LIMIT)
    assert try_at(OFFICE, world.rita.email).status_code == 429
    assert try_at(HOME, world.rita.email, PASSWORD).status_code == 303


def test_fifty_attackers_cannot_hold_a_person_off(world, try_at, counters):
    places = [f"203.0.113.{n}" for n in range(50)]
    for place in places:
        fill(world, counters, world.rita.email, place, LIMIT)
    for place in places:
        assert try_at(place, world.rita.email).status_code == 429
    # At a place where nobody tried, there is room for typing errors.
    assert try_at(HOME, world.rita.email, WRONG).status_code == 422
    assert try_at(HOME, world.rita.email, PASSWORD).status_code == 303


def test_a_browser_that_signed_in_before_passes_whatever_strangers_do_at_its_place(world, client, try_at, counters):
    browser = client()
    assert try_at(HOME, world.rita.email, PASSWORD, browser=browser).status_code == 303
    assert browser.post("/sign-out").status_code == 303
    fill(world, counters, world.rita.email, HOME, 2 * LIMIT)
    for n in range(30):
        fill(world, counters, world.rita.email, f"203.0.113.{n}", LIMIT)
    assert try_at(HOME, world.rita.email, PASSWORD).status_code == 429
    assert try_at(HOME, world.rita.email, WRONG, browser=browser).status_code == 422
    assert try_at(HOME, world.rita.email, PASSWORD, browser=browser).status_code == 303
    assert browser.post("/sign-out").status_code == 303
    # It says nothing of somebody else who uses the same browser.
    fill(world, counters, world.mel.email, HOME, LIMIT)
    assert try_at(HOME, world.mel.email, PASSWORD, browser=browser).status_code == 429


def test_beyond_the_limit_the_right_password_is_confirmed_by_mail(world, client, try_at, counters, run_outbox):
    fill(world, counters, world.rita.email, HOME, LIMIT)
    for password in (WRONG, PASSWORD):
        answer = try_at(HOME, world.rita.email, password)
        assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 60
        assert "on its way to your mailbox" in answer.page.text and password not in answer.text
        run_outbox()
        assert world.rows(LinkRequest) == []
    mail = world.rows(OutgoingMail, OutgoingMail.kind == "sign_in_link")
    assert [m.recipient for m in mail] == [world.rita.email]
    path, browser = f"/sign-in/link/{tokens.derive_token(mail[0].token_id)}", client()
    assert browser.get(path).status_code == 200 and browser.get("/me").status_code == 302
    form = browser.get(path).page.form(path)
    assert browser.submit(form).status_code == 303
    assert "Rita Costa" in browser.get("/me").page.text
    assert client().post(path).status_code == 410
    assert browser.post("/sign-out").status_code == 303
    assert try_at(HOME, world.rita.email, PASSWORD, browser=browser).status_code == 303


def test_beyond_the_limit_right_wrong_and_unknown_are_told_apart_by_nothing(world, try_at, counters, statements):
    answers = []
    try_at(HOME, "first@acme.example")  # the host is looked up once
    for email, password in (
        (world.rita.email, PASSWORD),
        (world.rita.email, WRONG),
        (world.jan.email, WRONG),
        ("nobody@acme.example", WRONG),
    ):
        fill(world, counters, email, HOME, LIMIT)
        with statements() as seen:
            answer = try_at(HOME, email, password)
        ran = [" ".join(statement.split()[:3]) for statement in seen]
        answers.append((answer.status_code, masked(answer, email), ran))
    assert answers[0][:2] == answers[1][:2] == answers[2][:2] == answers[3][:2]
    assert answers[0][2] == answers[1][2]
    assert sum("link_requests" in statement for statement in answers[0][2]) == 1
    assert answers[0][0] == 429


def test_a_link_dies_with_the_password_that_it_confirmed(world, client, try_at, counters, run_outbox):
    fill(world, counters, world.rita.email, HOME, LIMIT)
    try_at(HOME, world.rita.email, PASSWORD)
    run_outbox()
    path = f"/sign-in/link/{tokens.derive_token(world.rows(OutgoingMail)[-1].token_id)}"
    browser = client("rita")
    changed = {"current": PASSWORD, "password": "a new pass phrase"}
    assert browser.post("/me/security", data=changed).status_code == 303
    assert client().get(path).status_code == 410


def test_at_most_five_confirmations_an_hour_are_mailed(world, try_at, counters, run_outbox):
    fill(world, counters, world.rita.email, HOME, LIMIT)
    for _ in range(7):
        try_at(HOME, world.rita.email, PASSWORD)
    run_outbox()
    assert len(world.rows(OutgoingMail, OutgoingMail.kind == "sign_in_link")) == 5


def test_one_place_that_tries_many_accounts_shuts_nobody_out(world, try_at, counters):
    """50 wrong passwords shut a whole place out of all providers once; now nothing does, of none."""
    for n in range(60):
        assert try_at(OFFICE, f"user{n}@acme.example").status_code == 422
    for n in range(throttle.ALL_FROM_PLACE.amount):
        fill(world, counters, f"other{n}@acme.example", OFFICE, 1)
    for person in (world.rita, world.mel, world.ana):
        assert try_at(OFFICE, person.email, PASSWORD).status_code == 303
    assert try_at(OFFICE, world.rob.email, PASSWORD, host=world.southgate.host).status_code == 303


def test_a_place_that_tries_many_accounts_has_three_guesses_for_each(world, try_at, counters):
    for n in range(throttle.ALL_FROM_PLACE.amount):
        fill(world, counters, f"other{n}@acme.example", OFFICE, 1)
    heard = [try_at(OFFICE, world.rita.email).status_code for _ in range(CAREFUL + 2)]
    assert heard == [422] * CAREFUL + [429] * 2
    assert try_at(HOME, world.rita.email).status_code == 422


def test_guesses_at_one_account_in_a_day_are_few(world, counters):
    """The arithmetic of the decision: one place, fifty places, ten thousand places."""

    def guesses(places):
        ctx, heard = world.system(), 0
        with world.app.app_context():
            for n in range(places):
                ctx.ip = f"10.{n // 65536}.{n // 256 % 256}.{n % 256}"
                source = throttle.source_of(ctx, f"victim of {places}")
                while throttle.may_answer(source):
                    throttle.count_failure(source)
                    heard += 1
        return heard

    assert guesses(1) == 100
    assert guesses(50) == 19 * 100 + 8 + 30 * 3
    assert guesses(400) == 19 * 100 + 8 + 380 * 3


def test_the_same_address_at_another_provider_is_another_account(world, try_at, counters):
    fill(world, counters, world.rita.email, HOME, LIMIT)
    assert try_at(HOME, world.rita.email).status_code == 429
    assert try_at(HOME, world.rita.email, PASSWORD, host=world.southgate.host).status_code == 303


def test_however_an_address_is_spelled_it_is_one_account(world, try_at, counters):
    fill(world, counters, world.rita.email, HOME, LIMIT)
    assert try_at(HOME, world.rita.email.upper()).status_code == 429
    fill(world, counters, "nobody@acme.example", HOME, LIMIT)
    assert try_at(HOME, "NOBODY@acme.example").status_code == 429


def test_successful_sign_ins_are_never_throttled(world, try_at):
    assert {try_at(HOME, world.rita.email, PASSWORD).status_code for _ in range(60)} == {303}


def test_a_wrong_password_says_so_without_saying_what_was_wrong(world, try_at):
    for email in (world.rita.email, "nobody@acme.example"):
        assert MISMATCH in try_at(HOME, email).page.text


def test_a_place_is_an_ipv6_network_not_one_of_its_addresses(world):
    ctx = world.system()
    keys = set()
    for ctx.ip in ("2001:db8:1:2::1", "2001:db8:1:3:ffff::9", "fe80::1%eth0", "", "nonsense", "192.0.2.7"):
        keys.add(place_of(ctx))
    assert keys == {"2001:db8:1::/48", "fe80::/48", "unknown", "192.0.2.7"}


@pytest.mark.parametrize("planted", ["x", "\0", "[[1]]", "W10.AAAA", "a" * 9000])
def test_a_forged_cookie_makes_no_browser_known(world, client, try_at, counters, planted):
    browser = client()
    browser.set_cookie(known_browser.COOKIE, planted, domain=world.northwind.host)
    fill(world, counters, world.rita.email, HOME, LIMIT)
    assert try_at(HOME, world.rita.email, PASSWORD, browser=browser).status_code == 429


def test_the_cookie_of_one_host_says_nothing_at_another(world, client, try_at, counters):
    browser = client()
    assert try_at(HOME, world.rita.email, PASSWORD, browser=browser).status_code == 303
    known = browser.get_cookie(known_browser.COOKIE, world.northwind.host).value
    elsewhere = client(host="127.0.0.1")
    elsewhere.set_cookie(known_browser.COOKIE, known, domain="127.0.0.1")
    fill(world, counters, world.rita.email, HOME, LIMIT)
    assert try_at(HOME, world.rita.email, PASSWORD, browser=elsewhere).status_code == 429


def test_the_sixth_reset_within_an_hour_sends_nothing_and_says_the_same(world, client, counters, run_outbox):
    answers = [client().post("/password", data={"email": world.rita.email}) for _ in range(7)]
    assert {(a.status_code, a.headers["Location"]) for a in answers} == {(303, "/password/sent")}
    run_outbox()
    links = world.rows(
        tokens.TokenHash,
        tokens.TokenHash.purpose == "password_reset",
        tokens.TokenHash.subject_id == world.row(User, world.rita).id,
    )
    assert len(links) == 5


def test_a_place_that_asks_for_many_mails_keeps_none_from_a_person(world, client, counters, run_outbox):
    for n in range(throttle.MAILS_FROM_PLACE.amount):
        client().post("/password", data={"email": f"user{n}@acme.example"})
    client().post("/password", data={"email": world.rita.email})
    run_outbox()
    assert [m.recipient for m in world.rows(OutgoingMail)] == [world.rita.email]


def test_guessing_the_current_password_in_an_open_browser_ends_too(world, client, counters, monkeypatch):
    monkeypatch.setattr(throttle, "FROM_PLACE", throttle.RateLimitItemPerDay(5, namespace="from-place"))
    browser = client("rita")
    fields = {"current": WRONG, "password": "a new pass phrase"}
    assert [browser.post("/me/security", data=fields).status_code for _ in range(6)] == [422] * 5 + [429]
    assert browser.post("/me/security", data={**fields, "current": PASSWORD}).status_code == 429
    assert client("rita").post("/me/security", data={**fields, "current": PASSWORD}).status_code == 303


def test_a_redis_that_takes_the_call_and_never_answers_costs_one_short_wait(world, client, app, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        made = throttle.Counters(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        monkeypatch.setitem(app.extensions, throttle.EXTENSION, made)
        started = time.monotonic()
        answers = [sign_in(client(), world.rita.email, WRONG).status_code for _ in range(6)]
        assert answers == [422] * 6
        assert time.monotonic() - started < 5
