"""Passkeys without a browser: questions that nobody answered well. tests/browser/test_passkeys_in_chromium.py has the
rest."""

import json

import pytest
from flask import current_app

from portal.identity.factor_models import Passkey
from portal.identity.models import BrowserSession
from tests.identity.steps import sign_in
from tests.support import acting

HOSTILE = (
    *("", "x", "null", "[]", "{}", "\x00", "{" * 5_000, "9" * 5_000, json.dumps({"id": "x" * 30_000})),
    json.dumps({"id": "aWQ", "rawId": "aWQ", "type": "public-key", "response": {}}),
    json.dumps(
        {
            "id": "aWQ",
            "rawId": "aWQ",
            "type": "public-key",
            "response": {
                "clientDataJSON": "e30",
                "authenticatorData": "AAAA",
                "signature": "AAAA",
                "attestationObject": "AAAA",
            },
        }
    ),
    json.dumps({"id": 1, "rawId": [], "type": {}, "response": "x"}),
)


@pytest.mark.parametrize("credential", HOSTILE)
def test_what_is_no_passkey_is_answered_with_a_sentence(world, client, credential):
    acting.leave_passkey(world.northwind, world.rita)
    browser = client("mel")
    browser.get("/me/passkeys")
    answer = browser.post("/me/passkeys", data={"name": "My laptop", "credential": credential})
    assert answer.status_code == 422 and "My laptop" in answer.text
    assert not world.rows(Passkey, Passkey.user_id == world.mel.id)
    stranger = client()
    stranger.get("/sign-in/passkey")
    answer = stranger.post("/sign-in/passkey", data={"credential": credential})
    assert answer.status_code == 422 and "_user_id" not in stranger.cookie
    between = client()
    assert sign_in(between, world.rita.email).headers["Location"] == "/sign-in/factor"
    between.get("/sign-in/factor")
    answer = between.post("/sign-in/factor", data={"credential": credential})
    assert answer.status_code == 422 and "_user_id" not in between.cookie


def test_the_question_says_nothing_of_who_has_passkeys(world, client):
    acting.leave_passkey(world.northwind, world.rita)
    asked = json.loads(client().get("/sign-in/passkey").get_data())
    assert asked["allowCredentials"] == [] and asked["userVerification"] == "required"
    assert asked["rpId"] == world.northwind.host
    first, second = (json.loads(client().get("/sign-in/passkey").get_data())["challenge"] for _ in range(2))
    assert first != second and len(first) >= 43


def test_a_question_asked_in_the_background_never_touches_the_session(world, client):
    """The page of signing in asks for it by a script: its answer may arrive after the person has signed in, and a
    session cookie in it would sign them out again."""
    session_cookie = current_app.config["SESSION_COOKIE_NAME"]
    asked = client().get("/sign-in/passkey")
    names = [line.partition("=")[0] for line in asked.headers.getlist("Set-Cookie")]
    assert names and session_cookie not in names
    assert all("HttpOnly" in line and "SameSite=Strict" in line for line in asked.headers.getlist("Set-Cookie"))


def test_one_removes_ones_own_passkeys_only(world, client):
    passkey_id = acting.leave_passkey(world.northwind, world.rita)
    assert client("mel").get(f"/me/passkeys/{passkey_id}/remove").status_code == 404
    assert client("ada").post(f"/me/passkeys/{passkey_id}/remove").status_code == 404
    browser = client("rita")
    path = f"/me/passkeys/{passkey_id}/remove"
    assert browser.submit(browser.get(path).page.form(path)).status_code == 303
    assert [row.name for row in world.rows(Passkey)] == ["Phone"]
    assert "Phone" in browser.get("/me/passkeys").page.text


def test_a_passkey_of_another_host_is_named_and_a_recovery_code_asked_for(world, client):
    acting.leave_passkey(world.northwind, world.rita)
    for row in world.rows(Passkey):
        row.host = "help.northwind.example"
    world.session.flush()
    browser = client()
    sign_in(browser, world.rita.email)
    page = browser.get("/sign-in/factor").page
    assert "Your passkey works at help.northwind.example" in page.text
    assert not page.all("form", **{"data-passkey": "get"})


def test_a_passkey_alone_makes_the_password_not_enough(world, client):
    acting.leave_passkey(world.northwind, world.rita)
    before = len(world.rows(BrowserSession, BrowserSession.user_id == world.rita.id))
    assert sign_in(client(), world.rita.email).headers["Location"] == "/sign-in/factor"
    assert len(world.rows(BrowserSession, BrowserSession.user_id == world.rita.id)) == before
