"""Signing in at an identity provider of another make (npm's `oidc-provider`, certified), with several tenants."""

from collections.abc import Iterator

import pytest

from portal.identity.models import BrowserSession
from portal.sso.models import LinkedSignIn
from portal.sso.servers import openid
from tests.sso.conftest import Desk
from tests.sso.test_logout import Catcher
from tests.sso.test_signing_in import signed_in_as
from tests.support.identity_provider.client import query_of
from tests.support.npm_identity_provider import NpmProvider, need_npm_provider

TENANTS = {"acme": "acme.example", "globex": "globex.example"}


@pytest.fixture(scope="module")
def npm() -> Iterator[NpmProvider]:
    need_npm_provider()
    made = NpmProvider()
    yield made
    made.close()


@pytest.fixture
def catcher() -> Iterator[Catcher]:
    made = Catcher()
    yield made
    made.server.shutdown()


class NpmDesk(Desk):
    """Ways to sign in at two tenants of one program."""

    def way(self, name: str, *, conform: bool = False, logout: str = "") -> None:
        """The way of the organization *name* at its own tenant."""
        issuer = self.there.tenant(name, conform=conform, logout=logout)
        super().way(name, name, TENANTS[name], issuer=issuer)

    def go(self, browser, name: str, email: str, sub: str = "", **more):
        """There and back as somebody of the tenant *name*; the answer to the browser that came back."""
        self.there.account(name, sub or email, email, **more)
        return browser.get(self.consent(self.start(browser, name)))


@pytest.fixture
def desk(world, npm, client) -> NpmDesk:
    openid.forget_descriptions()
    # The redirect address of a tenant is part of it.
    npm.redirect = lambda _uri: None
    return NpmDesk(world, npm, client)


def test_people_of_two_tenants_sign_in_each_by_their_own(desk, client):
    for name, email in (("acme", "rita@acme.example"), ("globex", "gil@globex.example")):
        desk.way(name)
        browser = client()
        assert desk.go(browser, name, email).status_code == 303
        assert email in signed_in_as(browser)
        (linked,) = desk.links(subject=email)
        assert linked.issuer == f"{desk.there.url}/{name}"


def test_an_address_that_comes_by_userinfo_alone_counts(desk, client):
    desk.way("acme", conform=True)
    browser = client()
    assert desk.go(browser, "acme", "rita@acme.example").status_code == 303
    assert "rita@acme.example" in signed_in_as(browser)
    answer = desk.go(client(), "acme", "cora@acme.example", email_verified=False)
    assert answer.status_code == 422 and "does not confirm your email address" in answer.page.text


def test_a_foreign_tenant_with_the_address_of_a_victim_gets_nowhere(desk, client):
    desk.way("acme")
    desk.way("globex")
    assert desk.go(client(), "acme", "rita@acme.example", "rita").status_code == 303
    browser = client()
    # The same subject and the same address, said by the wrong tenant.
    answer = desk.go(browser, "globex", "rita@acme.example", "rita")
    assert answer.status_code == 422 and "does not confirm your email address" in answer.page.text
    assert signed_in_as(browser) == "" and [row.issuer for row in desk.links()] == [f"{desk.there.url}/acme"]


def test_the_answer_of_another_tenant_is_not_accepted(desk, client):
    desk.way("acme")
    desk.way("globex")
    browser = client()
    desk.there.account("globex", "mallory", "rita@acme.example")
    asked = desk.start(browser, "acme").headers["Location"]
    # The other tenant answers what Acme's was asked: it names itself, and its code is unknown to Acme's.
    there = asked.replace(f"{desk.there.url}/acme/", f"{desk.there.url}/globex/")
    answer_of_globex = query_of(desk.there.consent(there.replace("with%2Facme", "with%2Fglobex")))
    back = f"/sign-in/with/acme/callback?state={answer_of_globex['state']}&code={answer_of_globex['code']}&iss="
    answer = browser.get(f"{back}{desk.there.url}/globex")
    assert answer.status_code == 422 and "comes from another place" in answer.page.text
    browser = client()
    asked = desk.start(browser, "acme").headers["Location"]
    state = query_of(asked)["state"]
    answer = browser.get(
        f"/sign-in/with/acme/callback?state={state}&code={answer_of_globex['code']}&iss={desk.there.url}/acme"
    )
    assert answer.status_code == 422 and "used already" in answer.page.text
    assert desk.links() == []


def test_an_issuer_that_is_described_as_another_is_refused(desk, client):
    issuer = desk.there.tenant("acme")
    Desk.way(desk, "acme", "acme", "acme.example", issuer=issuer.replace("127.0.0.1", "localhost"))
    answer = desk.start(client(), "acme")
    assert answer.status_code == 422
    assert desk.links() == []


def test_a_code_is_used_once_and_by_the_browser_that_asked(desk, client):
    desk.way("acme")
    desk.there.account("acme", "rita", "rita@acme.example")
    browser = client()
    asked = desk.start(browser, "acme")
    assert query_of(asked.headers["Location"])["code_challenge_method"] == "S256"
    back = desk.consent(asked)
    assert browser.get(back).status_code == 303
    assert browser.get(back).status_code == 410
    # A fresh code of the victim, put into a sign-in that the attacker began: its verifier is another one.
    victim, attacker = client(), client()
    code = query_of(desk.consent(desk.start(victim, "acme")))["code"]
    mine = query_of(desk.consent(desk.start(attacker, "acme")))
    stolen = f"/sign-in/with/acme/callback?state={mine['state']}&code={code}&iss={desk.there.url}/acme"
    answer = attacker.get(stolen)
    assert answer.status_code == 422 and "used already" in answer.page.text
    assert signed_in_as(attacker) == ""


def test_the_provider_itself_refuses_a_request_without_pkce(desk, client):
    desk.way("acme")
    desk.there.account("acme", "rita", "rita@acme.example")
    asked = desk.start(client(), "acme").headers["Location"]
    without = "&".join(part for part in asked.split("&") if not part.startswith("code_challenge"))
    assert "error=invalid_request" in desk.there.consent(without)


def test_somebody_who_says_no_is_told_so(desk, client):
    desk.way("acme")
    desk.there.order("sign-in-as", tenant="acme", sub="")
    browser = client()
    answer = browser.get(desk.consent(desk.start(browser, "acme")))
    assert answer.status_code == 422 and "You did not confirm the sign-in at Acme" in answer.page.text


def test_signing_out_there_ends_the_session_here(desk, client, catcher):
    desk.way("acme", logout=catcher.url)
    desk.there.account("acme", "rita", "rita@acme.example")
    at_provider, browser, other = desk.there.browser(), client(), client("rita")
    back = desk.there.consent(desk.start(browser, "acme").headers["Location"], at_provider)
    assert browser.get(back).status_code == 303
    desk.there.sign_out("acme", at_provider)
    (token,) = catcher.tokens
    answer = client().post("/sign-in/with/acme/logout", data={"logout_token": token}, csrf=False)
    assert answer.status_code == 200
    assert signed_in_as(browser) == "" and "rita@acme.example" in signed_in_as(other)
    (ended,) = desk.rows(BrowserSession, BrowserSession.method == "acme")
    assert ended.ended_at is not None
    assert client().post("/sign-in/with/acme/logout", data={"logout_token": "x.y.z"}, csrf=False).status_code == 400


def test_a_provider_that_is_down_leaves_the_other_ways(world, client):
    need_npm_provider()
    down = NpmProvider()
    try:
        down.redirect = lambda _uri: None
        desk = NpmDesk(world, down, client)
        desk.way("acme")
        down.account("acme", "rita", "rita@acme.example")
        browser = client()
        back = desk.consent(desk.start(browser, "acme"))
        down.stop()
        answer = browser.get(back)
        assert answer.status_code == 422 and "does not answer right now" in answer.page.text
        assert any(link.startswith("/sign-in") for link in answer.page.links)
        openid.forget_descriptions()
        answer = desk.start(client(), "acme")
        assert answer.status_code == 422 and "does not answer right now" in answer.page.text
        assert desk.rows(LinkedSignIn) == []
    finally:
        down.close()
