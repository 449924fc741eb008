"""Back-channel logout with the tokens of a running identity provider: which sessions end, and which tokens end none."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest

from portal.identity.models import BrowserSession
from tests.support.identity_provider import CLIENT, SECRET


class Catcher:
    """A server in place of the portal, to which the identity provider posts its logout tokens."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        caught = self.tokens

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                caught.append(parse_qs(body)["logout_token"][0])
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def there(desk):
    """Acme's identity provider with Rita, which tells the catcher who signed out there."""
    desk.way("acme", "acme", "acme.example")
    subject, catcher = desk.there.user("acme", "rita@acme.example", name="Rita"), Catcher()
    desk.there.order("client", client_id=CLIENT, secret=SECRET, logout_uri=catcher.url)
    desk.there.redirect("http://northwind.localhost/sign-in/with/acme/callback")

    class There:
        def sign_in(self, browser, sid: str = ""):
            desk.there.order("change_claims", claims={"sid": sid} if sid else {})
            assert desk.go(browser, "acme", subject).status_code == 303
            desk.there.order("change_claims", claims={})
            return browser

        def token(self, **changes) -> str:
            assert desk.there.order("logout", client_id=CLIENT, subject=subject, **changes) == 200
            return catcher.tokens[-1]

    yield There()
    catcher.server.shutdown()


def send(client, token: str, way: str = "acme"):
    return client().post(f"/sign-in/with/{way}/logout", data={"logout_token": token}, csrf=False)


def signed_in(browser) -> bool:
    return browser.get("/me").status_code == 200


def test_a_sid_ends_the_sessions_that_came_from_it_and_no_others(there, client):
    office, home, by_password = there.sign_in(client(), "office"), there.sign_in(client(), "home"), client("rita")
    answer = send(client, there.token(sid="office"))
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert (signed_in(office), signed_in(home), signed_in(by_password)) == (False, True, True)
    # Without the subject, by the session alone.
    assert send(client, there.token(sid="home", sub=None)).status_code == 200
    assert not signed_in(home) and signed_in(by_password)


def test_a_subject_alone_ends_all_that_came_by_this_way(there, desk, client):
    office, home, by_password = there.sign_in(client(), "office"), there.sign_in(client()), client("rita")
    somebody_else = client("mel")
    assert send(client, there.token()).status_code == 200
    assert not signed_in(office) and not signed_in(home)
    assert signed_in(by_password) and signed_in(somebody_else)
    assert [r for r in desk.rows(BrowserSession) if r.ended_at is None and r.method == "acme"] == []


def test_a_sid_that_no_database_holds_harms_nobody(there, client):
    assert signed_in(there.sign_in(client(), "\x00office"))


def test_a_session_without_a_sid_ends_with_any_session_there(there, client):
    unnamed = there.sign_in(client())
    assert send(client, there.token(sid="office")).status_code == 200
    assert not signed_in(unnamed)


def test_the_sid_survives_the_second_factor(there, desk, client):
    from tests.identity.second_factors import code_of, set_up_app

    secret, _codes = set_up_app(desk.world, "rita")
    browser = there.sign_in(client(), "office")
    assert browser.post("/sign-in/factor", data={"code": code_of(desk.world, secret)}).status_code == 303
    (row,) = [r for r in desk.rows(BrowserSession) if r.ended_at is None and r.method == "acme"]
    assert row.outside_sid == "office"
    assert send(client, there.token(sid="office")).status_code == 200
    assert not signed_in(browser)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another-application"},
        {"iss": "https://issuer.invalid"},
        {"nonce": "n"},
        {"events": None},
        {"events": {"http://schemas.openid.net/event/else": {}}},
        {"sub": None},
        {"iat": 1},
        {"exp": 1},
        {"sub": ["rita"]},
        {"sid": 5},
    ],
    ids=str,
)
def test_a_token_that_does_not_hold_ends_nothing(there, client, changes):
    browser = there.sign_in(client(), "office")
    assert send(client, there.token(**changes)).status_code == 400
    assert signed_in(browser)


def test_a_token_for_another_way_ends_nothing(there, desk, client):
    browser = there.sign_in(client(), "office")
    desk.way("globex", "globex", "globex.example")
    assert send(client, there.token(), way="globex").status_code == 400
    assert send(client, there.token(), way="nobody").status_code == 404
    assert send(client, there.token()[:-4] + "AAAA").status_code == 400
    assert signed_in(browser)
