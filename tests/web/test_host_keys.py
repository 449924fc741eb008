"""A cookie or a form token of one provider's host is nothing at another's, even with the same secret key."""

import pytest
from itsdangerous import BadSignature

from portal.config import Config, SettingsError
from portal.factory import create_app
from portal.web import host_keys, known_browser

COOKIE = "parley"


def test_a_stolen_session_cookie_is_nothing_at_another_host(world, client):
    owner, thief = client("rita"), client(host=world.southgate.host)
    stolen = owner.get_cookie(COOKIE, owner.host).value
    assert owner.get("/me").status_code == 200
    thief.set_cookie(COOKIE, stolen, domain=thief.host)
    assert thief.get("/me").status_code == 302
    # Not only because the person is not known there: the cookie cannot even be read.
    sessions = host_keys.HostSessions()
    assert sessions.serializer_at(world.app, owner.host).loads(stolen)["_user_id"]
    with pytest.raises(BadSignature):
        sessions.serializer_at(world.app, thief.host).loads(stolen)


def test_a_cookie_holds_at_every_port_and_spelling_of_its_host(client):
    browser = client("rita")
    assert browser.get("/me", base_url=f"http://{browser.host}:8123").status_code == 200
    assert browser.get("/me", base_url=f"http://{browser.host.upper()}").status_code == 200


def test_a_form_token_of_another_host_is_refused(world, client):
    browser, other = client("rita"), client("zoe")
    form = browser.get("/me").page.form("/me")
    other.remember(csrf_token=browser.cookie["csrf_token"])  # the word in both cookies is the same
    wrong = {"name": "Rita Other", "csrf_token": other.csrf_token()}
    assert browser.submit(form, **wrong).status_code == 422
    assert browser.submit(form, name="Rita Right").status_code == 303


def test_a_known_browser_is_known_to_its_host_only(world, client):
    browser, other = client(), client(host=world.southgate.host)
    browser.post("/sign-in", data={"email": world.rita.email, "password": "parley-demo"})
    stolen = browser.get_cookie(known_browser.COOKIE, browser.host).value
    with world.app.test_request_context(
        base_url=f"http://{browser.host}", headers={"Cookie": f"parley_known={stolen}"}
    ):
        assert known_browser.read_nonce(world.rita.id)
    with world.app.test_request_context(base_url=f"http://{other.host}", headers={"Cookie": f"parley_known={stolen}"}):
        assert not known_browser.read_nonce(world.rita.id)


def test_without_a_secret_key_nothing_starts():
    with pytest.raises(SettingsError, match="SECRET_KEY is not set"):
        create_app(Config(secret_key=""))
