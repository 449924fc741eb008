"""An identity provider as it describes itself (OpenID Connect Discovery), its keys, and tokens for a code. Every
function raises SignInRefused; each answer is bounded in size and time."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session

from portal.kernel import outward_http
from portal.kernel.cache import Cache
from portal.sso.engine.kinds import ANY_DIRECTORY, TENANT
from portal.sso.servers.id_tokens import MOST_KEYS
from portal.sso.servers.refusals import SignInRefused

# Seconds for a connection and each piece of an answer, and for an answer: somebody waits in front of the page.
SECONDS, ANSWER_SECONDS = 4.0, 8.0
ANSWER_BYTES = 500_000
# For how long a description and keys are believed, how often keys may be read again because one is unknown, and for how
# long a provider that did not answer is not asked again.
_DESCRIPTION_SECONDS, _KEYS_SECONDS, _AGAIN_SECONDS, _DOWN_SECONDS = 600.0, 600.0, 10.0, 3.0
SCOPE = "openid email profile"
# What Microsoft calls the directory of a description for several directories.
_MICROSOFT_PLACE = "{tenantid}"
# What a token endpoint says, as the code of a refusal.
_REFUSALS = {
    "invalid_grant": "code",
    "invalid_client": "client",
    "unauthorized_client": "client",
    "temporarily_unavailable": "down",
    "server_error": "down",
}


@dataclass(frozen=True, slots=True)
class Client:
    """Our application at an identity provider. *issuer* may have the place `{tenant}`; *directory* is where it is
    described then."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    directory: str = ANY_DIRECTORY

    @property
    def home(self) -> str:
        """The issuer whose description is read."""
        return self.issuer.replace(TENANT, self.directory)


@dataclass(frozen=True, slots=True)
class Description:
    """What an identity provider says of itself. *names_itself*: its answers carry `iss` (RFC 9207)."""

    authorize_url: str
    token_url: str
    keys_url: str
    names_itself: bool
    posts_secret: bool
    user_info_url: str = ""

    @property
    def origin(self) -> str:
        """Scheme and host of the page to which browsers are sent."""
        parts = urlsplit(self.authorize_url)
        return f"{parts.scheme}://{parts.netloc}"


_descriptions: Cache[str, tuple[float, Description | SignInRefused]] = Cache(max_entries=500)
_keys: Cache[str, tuple[float, tuple[Mapping[str, Any], ...]]] = Cache(max_entries=500)


def forget_descriptions() -> None:
    """Read every description and all keys again (somebody tests a way to sign in)."""
    _descriptions.clear()
    _keys.clear()


def describe(client: Client) -> Description:
    """The description of the identity provider of *client*."""
    known, now = _descriptions.get(client.home), time.monotonic()
    if known is None or known[0] < now:
        try:
            known = (now + _DESCRIPTION_SECONDS, _read_description(client))
        except SignInRefused as refusal:
            known = (time.monotonic() + _DOWN_SECONDS, refusal)
        _descriptions.put(client.home, known)
    if isinstance(known[1], SignInRefused):
        raise SignInRefused(known[1].code, known[1].words)
    return known[1]


def read_keys(client: Client, *, again: bool = False) -> Sequence[Mapping[str, Any]]:
    """The public keys of the identity provider; *again*: one is unknown, so they may have changed."""
    url, now = describe(client).keys_url, time.monotonic()
    known = _keys.get(url)
    if known is not None:
        age = _KEYS_SECONDS - (known[0] - now)
        if age < (_AGAIN_SECONDS if again else _KEYS_SECONDS):
            return known[1]
    found = _get(url).get("keys")
    if not isinstance(found, list):
        raise SignInRefused("protocol", "jwks_uri")
    keys = tuple(one for one in found[:MOST_KEYS] if isinstance(one, dict))
    _keys.put(url, (time.monotonic() + _KEYS_SECONDS, keys))
    return keys


def build_authorization_url(
    client: Client, *, redirect_uri: str, state: str, nonce: str, verifier: str, hint: str = "", chooses: bool = False
) -> str:
    """Where the browser goes. *hint*: the address that should sign in; *chooses*: ask which account."""
    more = {"login_hint": hint} if hint else {}
    if chooses:
        more["prompt"] = "select_account"
    with _session(client, redirect_uri) as session:
        url, _state = session.create_authorization_url(
            describe(client).authorize_url, state=state, nonce=nonce, code_verifier=verifier, **more
        )
        return str(url)


@dataclass(frozen=True, slots=True)
class GivenTokens:
    """What an identity provider gives for a code, unread."""

    id_token: str = field(repr=False)
    access_token: str = field(repr=False)


def fetch_tokens(client: Client, *, code: str, redirect_uri: str, verifier: str) -> GivenTokens:
    """The tokens for *code*. The code `code` of a refusal: used already, expired, or of somebody else."""
    description = describe(client)
    with _session(client, redirect_uri, posts_secret=description.posts_secret) as session:
        answer = session.fetch_token(
            description.token_url, grant_type="authorization_code", code=code, code_verifier=verifier
        )
        found = [answer.get(name) if isinstance(answer, dict) else None for name in ("id_token", "access_token")]
    token, access = found
    if not isinstance(token, str):
        raise SignInRefused("token")
    return GivenTokens(token, access if isinstance(access, str) and access.isascii() else "")


def fetch_user_info(client: Client, access_token: str, subject: str) -> dict[str, Any]:
    """What the identity provider tells about *subject* beside the ID token (OpenID Connect Core 5.3); nothing where it
    offers none. What it says of somebody else is refused."""
    url = describe(client).user_info_url
    if not url or not access_token:
        return {}
    found = _get(url, {"Authorization": f"Bearer {access_token}"})
    if found.get("sub") != subject:
        raise SignInRefused("protocol", "userinfo")
    return found


def _read_description(client: Client) -> Description:
    found = _get(f"{client.home.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") not in (client.home, client.issuer.replace(TENANT, _MICROSOFT_PLACE)):
        raise SignInRefused("description", str(found.get("issuer", ""))[:200])
    urls = []
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"):
        url = found.get(name)
        if url is None and name == "userinfo_endpoint":
            urls.append("")
            continue
        parts = urlsplit(url) if isinstance(url, str) and len(url) <= 2000 and url.isprintable() else None
        # One without TLS is believed only of an issuer without TLS.
        if parts is None or not parts.netloc or parts.scheme not in ("https", urlsplit(client.home).scheme):
            raise SignInRefused("protocol", name)
        urls.append(str(url))
    methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    authorize_url, token_url, keys_url, user_info_url = urls
    return Description(
        authorize_url,
        token_url,
        keys_url,
        names_itself=found.get("authorization_response_iss_parameter_supported") is True,
        posts_secret=isinstance(methods, list) and "client_secret_post" in methods,
        user_info_url=user_info_url,
    )


def _get(url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    with _naming_failures(), requests.Session() as session:
        outward_http.guard_session(session, most_bytes=ANSWER_BYTES, seconds=SECONDS, answer_seconds=ANSWER_SECONDS)
        answer = session.get(url, allow_redirects=False, headers={"Accept": "application/json", **(headers or {})})
        _check_status(answer)
        if answer.status_code != 200:
            raise SignInRefused("protocol", str(answer.status_code))
        found = answer.json()
    if not isinstance(found, dict):
        raise SignInRefused("protocol", "JSON")
    return found


@contextmanager
def _session(client: Client, redirect_uri: str, *, posts_secret: bool = True) -> Iterator[OAuth2Session]:
    method = "client_secret_post" if posts_secret else "client_secret_basic"
    session = OAuth2Session(
        client.client_id,
        client.client_secret,
        scope=SCOPE,
        redirect_uri=redirect_uri,
        token_endpoint_auth_method=method if client.client_secret else "none",
        code_challenge_method="S256",
    )
    outward_http.guard_session(session, most_bytes=ANSWER_BYTES, seconds=SECONDS, answer_seconds=ANSWER_SECONDS)
    session.register_compliance_hook("access_token_response", _check_status)
    try:
        with _naming_failures():
            yield session
    finally:
        session.close()


def _check_status(answer: requests.Response) -> requests.Response:
    if answer.status_code == 429 or answer.status_code >= 500:
        raise SignInRefused("down", str(answer.status_code))
    if 300 <= answer.status_code < 400:
        raise SignInRefused("protocol", str(answer.status_code))
    return answer


@contextmanager
def _naming_failures() -> Iterator[None]:
    """Raise SignInRefused for the errors of Authlib and Requests, without a token or secret in its words."""
    try:
        yield
    except AuthlibBaseError as problem:
        raise SignInRefused(_REFUSALS.get(str(problem.error), "protocol"), str(problem.error)[:100]) from None
    except requests.Timeout:
        raise SignInRefused("slow") from None
    except requests.JSONDecodeError:
        raise SignInRefused("protocol", "JSON") from None
    except requests.RequestException as problem:
        is_slow = any(isinstance(cause, TimeoutError) for cause in outward_http.list_causes(problem))
        raise SignInRefused("slow" if is_slow else "down") from None
    except OSError:
        raise SignInRefused("down") from None
    except (json.JSONDecodeError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise SignInRefused("protocol", type(problem).__name__) from None
