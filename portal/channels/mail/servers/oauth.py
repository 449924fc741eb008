"""Tokens from an OAuth service: by the code that an administrator brought back, by a refresh token, or as an
application (client credentials). Every function raises MailServerFailure."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session

from portal.channels.mail.servers.failures import MailServerFailure, naming_network_failures
from portal.channels.mail.servers.services import OAuthClient
from portal.kernel import outward, outward_http

# What a service says → the code of our failure.
_REFUSALS = {
    "invalid_grant": "consent",
    "interaction_required": "consent",
    "consent_required": "consent",
    "login_required": "consent",
    "invalid_client": "client",
    "unauthorized_client": "client",
    "invalid_scope": "client",
    "temporarily_unavailable": "busy",
    "server_error": "busy",
}
# What a service that says nothing about the end of a token means, and the most that is believed.
_USUAL_SECONDS, _MOST_SECONDS = 3600, 86_400
_LONGEST_PAUSE = 3600


@dataclass(frozen=True, slots=True)
class TokenSet:
    """What a service gave; *seconds*: how long *access* is valid. *refresh* is '' where there is none."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    seconds: int


def build_authorization_url(client: OAuthClient, state: str, verifier: str, redirect_uri: str, hint: str) -> str:
    """Where the browser goes so that somebody gives the permission; *hint* is the address that should sign in."""
    authorize_url = client.authorize_url or _discover(client)["authorization_endpoint"]
    with _session(client, redirect_uri) as session:
        # Google gives a refresh token only when it is asked for one, and again only with a new consent.
        more = {"access_type": "offline", "prompt": "consent"} if client.issuer else {"prompt": "select_account"}
        url, _state = session.create_authorization_url(
            authorize_url, state=state, code_verifier=verifier, login_hint=hint, **more
        )
        return str(url)


def fetch_by_code(client: OAuthClient, code: str, verifier: str, redirect_uri: str) -> TokenSet:
    """The tokens for *code*. The code 'code' of a failure means: used already, expired, or of another application."""
    try:
        with _session(client, redirect_uri) as session:
            return _read_tokens(
                session.fetch_token(
                    _token_url(client), grant_type="authorization_code", code=code, code_verifier=verifier
                )
            )
    except MailServerFailure as failure:
        if failure.code == "consent":
            raise MailServerFailure("code", failure.words) from failure
        raise


def fetch_by_refresh(client: OAuthClient, refresh_token: str) -> TokenSet:
    """New tokens; a service that gives no new refresh token lets the old one stay."""
    with _session(client) as session:
        return _read_tokens(session.refresh_token(_token_url(client), refresh_token=refresh_token))


def fetch_as_application(client: OAuthClient) -> TokenSet:
    """A token of the application itself. It has no refresh token."""
    with _session(client) as session:
        return _read_tokens(session.fetch_token(_token_url(client), grant_type="client_credentials"))


def _token_url(client: OAuthClient) -> str:
    return client.token_url or _discover(client)["token_endpoint"]


def _discover(client: OAuthClient) -> dict[str, str]:
    """The endpoints that the issuer names. One without TLS is believed only of an issuer without TLS."""
    with _naming_failures(), requests.Session() as session:
        outward_http.guard_session(session)
        answer = session.get(f"{client.issuer}/.well-known/openid-configuration", allow_redirects=False)
        if answer.status_code != 200:
            raise MailServerFailure("busy" if answer.status_code >= 429 else "protocol", f"{answer.status_code}")
        found = answer.json()
        endpoints = {name: str(found[name]) for name in ("authorization_endpoint", "token_endpoint")}
    scheme = urlsplit(client.issuer).scheme
    if any(urlsplit(url).scheme not in ("https", scheme) for url in endpoints.values()):
        raise MailServerFailure("protocol", "http:")
    return endpoints


@contextmanager
def _session(client: OAuthClient, redirect_uri: str = "") -> Iterator[OAuth2Session]:
    session = OAuth2Session(
        client.client_id,
        client.client_secret,
        scope=client.scope,
        redirect_uri=redirect_uri or None,
        token_endpoint_auth_method="client_secret_post" if client.client_secret else "none",
        code_challenge_method="S256",
    )
    outward_http.guard_session(session)
    for hook in ("access_token_response", "refresh_token_response"):
        session.register_compliance_hook(hook, _check_status)
    try:
        with _naming_failures():
            yield session
    except MailServerFailure as failure:
        failure.leave_out(client.client_secret)
        raise
    finally:
        session.close()


def _check_status(answer: requests.Response) -> requests.Response:
    """Refuse what is no answer of a token endpoint before Authlib reads it."""
    if answer.status_code == 429 or answer.status_code >= 500:
        raise MailServerFailure("busy", str(answer.status_code), retry_after=read_retry_after(answer))
    if 300 <= answer.status_code < 400:
        raise MailServerFailure("protocol", str(answer.status_code))
    return answer


def read_retry_after(answer: requests.Response) -> dt.timedelta | None:
    """How long the server wants to be left alone, at most an hour; None where it does not say."""
    text = answer.headers.get("Retry-After", "").strip()
    seconds = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    return dt.timedelta(seconds=min(seconds, _LONGEST_PAUSE)) if seconds else None


def _read_tokens(token: Any) -> TokenSet:
    access, refresh = token.get("access_token"), token.get("refresh_token") or ""
    kind = str(token.get("token_type") or "bearer").lower()
    usable = isinstance(access, str) and access.isascii() and access.isprintable() and isinstance(refresh, str)
    if not usable or not access or kind != "bearer":
        raise MailServerFailure("protocol", "access_token")
    try:
        seconds = int(token.get("expires_in") or _USUAL_SECONDS)
    except (TypeError, ValueError):
        seconds = _USUAL_SECONDS
    return TokenSet(access, refresh, min(max(seconds, 0), _MOST_SECONDS))


@contextmanager
def _naming_failures() -> Iterator[None]:
    """Raise MailServerFailure for the errors of Authlib and Requests, without a token or secret in its words."""
    try:
        yield
    except AuthlibBaseError as problem:
        code = _REFUSALS.get(problem.error, "protocol")
        raise MailServerFailure(code, f"{problem.error}: {problem.description or ''}") from None
    except requests.JSONDecodeError:
        raise MailServerFailure("protocol", "JSON") from None
    except requests.RequestException as problem:
        raise name_http_failure(problem) from None
    except (json.JSONDecodeError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise MailServerFailure("protocol", type(problem).__name__) from None


def name_http_failure(problem: requests.RequestException) -> MailServerFailure:
    """*problem* of a connection as our failure. The words are of the error at its root and name no address."""

    def fail() -> None:
        for cause in outward_http.list_causes(problem):
            if isinstance(cause, outward.UnknownHost | outward.InternalHost):
                raise cause
        for cause in outward_http.list_causes(problem):
            if isinstance(cause, OSError) and not isinstance(cause, requests.RequestException):
                raise cause

    return _as_failure(fail) or MailServerFailure(
        "timeout" if isinstance(problem, requests.Timeout) else "dropped", type(problem).__name__
    )


def _as_failure(fail: Callable[[], None]) -> MailServerFailure | None:
    try:
        with naming_network_failures():
            fail()
    except MailServerFailure as failure:
        return failure
    return None
