"""The provider that the tests sign in at is right where it should be, and wrong in the way that was ordered."""

import secrets

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from tests.support.identity_provider import CLIENT, SECRET, RunningProvider
from tests.support.identity_provider.state import TOKEN_FAULTS

BACK, VERIFIER = "http://portal.example/back", "v" * 50


@pytest.fixture(scope="module")
def running():
    made = RunningProvider()
    yield made
    made.close()


@pytest.fixture
def provider(running, monkeypatch):
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    running.reset()
    running.redirect(BACK)
    return running


class Portal:
    """What signs somebody in at an issuer."""

    def __init__(self, provider, issuer, scope="openid email profile offline_access") -> None:
        self.provider, self.nonce = provider, secrets.token_hex(8)
        self.found = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=20).json()
        self.session = OAuth2Session(
            CLIENT,
            SECRET,
            scope=scope,
            redirect_uri=BACK,
            token_endpoint_auth_method="client_secret_post",
            code_challenge_method="S256",
        )

    def go(self, **more) -> str:
        url, _state = self.session.create_authorization_url(
            self.found["authorization_endpoint"], state="s", code_verifier=VERIFIER, nonce=self.nonce, **more
        )
        return self.provider.consent(url)

    def take(self, back, verifier=VERIFIER) -> dict:
        return self.session.fetch_token(
            self.found["token_endpoint"], authorization_response=f"http://portal.example{back}", code_verifier=verifier
        )

    def read(self, token) -> dict:
        keys = KeySet.import_key_set(requests.get(self.found["jwks_uri"], timeout=20).json())
        claims = jwt.decode(token["id_token"], keys, ["RS256"]).claims
        rules = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": self.found["issuer"]},
            aud={"essential": True, "value": CLIENT},
            nonce={"essential": True, "value": self.nonce},
            sub={"essential": True},
        )
        rules.validate(claims)
        return claims


@pytest.fixture
def acme(provider):
    issuer = provider.tenant("acme", names_itself=True)
    provider.sign_in_as(provider.user("acme", "rita@acme.example", subject="rita-1", name="Rita"))
    return Portal(provider, issuer)


def test_a_sign_in_is_right(acme):
    back = acme.go()
    assert "iss=" in back and "state=s" in back
    token = acme.take(back)
    claims = acme.read(token)
    assert (claims["sub"], claims["email"], claims["email_verified"]) == ("rita-1", "rita@acme.example", True)
    told = requests.get(
        acme.found["userinfo_endpoint"], headers={"Authorization": f"Bearer {token['access_token']}"}, timeout=20
    ).json()
    assert told["sub"] == "rita-1"
    renewed = acme.session.refresh_token(acme.found["token_endpoint"], refresh_token=token["refresh_token"])
    assert renewed["refresh_token"] != token["refresh_token"]
    with pytest.raises(Exception, match="invalid_grant"):  # a refresh token is used once
        acme.session.refresh_token(acme.found["token_endpoint"], refresh_token=token["refresh_token"])


def test_a_code_is_used_once_and_only_with_its_verifier(acme):
    back = acme.go()
    with pytest.raises(Exception, match="invalid_grant"):
        acme.take(back, "w" * 50)
    acme.take(back)
    with pytest.raises(Exception, match="invalid_grant"):
        acme.take(back)


@pytest.mark.parametrize("fault", TOKEN_FAULTS)
def test_each_wrong_token_is_refused_once(acme, provider, fault):
    back = acme.go()
    provider.token_fault(fault)
    with pytest.raises((JoseError, KeyError)):
        acme.read(acme.take(back))
    acme.nonce = secrets.token_hex(8)
    assert acme.read(acme.take(acme.go()))["sub"] == "rita-1"


def test_microsoft_signs_in_people_of_all_its_directories(provider):
    provider.tenant("1111", is_microsoft=True)
    provider.tenant("2222", is_microsoft=True)
    provider.tenant("acme")
    provider.sign_in_as(provider.user("2222", "rita@acme.example", claims={"groups": ["a"]}))
    portal = Portal(provider, f"{provider.url}/common/v2.0")
    assert portal.found["issuer"].endswith("/{tenantid}/v2.0")
    portal.found["issuer"] = portal.found["issuer"].replace("{tenantid}", "2222")
    claims = portal.read(portal.take(portal.go()))
    assert (claims["tid"], claims["groups"], "email_verified" in claims) == ("2222", ["a"], False)


def test_keys_are_rotated_and_retired(acme, provider):
    old = acme.take(acme.go())
    provider.order("rotate_keys", tenant="acme")
    acme.read(old)
    provider.order("rotate_keys", tenant="acme", retire=True)
    with pytest.raises(JoseError):
        acme.read(old)


def test_a_browser_is_asked_who_it_is_and_led_to_known_places_only(acme, provider):
    provider.sign_in_as()
    query = {"response_type": "code", "client_id": CLIENT, "scope": "openid", "redirect_uri": BACK}
    url = acme.found["authorization_endpoint"]
    page = requests.get(url, params=query, timeout=20)
    assert page.status_code == 200 and "rita@acme.example</button>" in page.text
    refused = requests.get(url, params={**query, "redirect_uri": "http://evil.example"}, timeout=20)
    assert (refused.status_code, "Location" in refused.headers) == (400, False)


def test_it_can_be_slow_busy_silent_and_gone(acme, provider):
    url = f"{acme.found['issuer']}/.well-known/openid-configuration"
    provider.fault("discovery", delay=0.3, status=0)
    assert requests.get(url, timeout=20).elapsed.total_seconds() > 0.3
    provider.fault("discovery", status=429, retry_after="7")
    assert requests.get(url, timeout=20).headers["Retry-After"] == "7"
    provider.fault("discovery", drop=True)
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=20)
    assert requests.get(url, timeout=20).status_code == 200
    provider.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=20)
    provider.start_again()
    assert requests.get(url, timeout=20).status_code == 404  # it has forgotten the tenant
