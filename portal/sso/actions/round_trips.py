"""A browser's way to an identity provider and back: the authorization code flow with PKCE, nonce and state."""

import base64
import hashlib
import hmac

from portal.kernel import tokens
from portal.kernel.context import Context
from portal.sso.engine.kinds import OPENID, Claims
from portal.sso.models import SignInWay
from portal.sso.queries.ways import client_of
from portal.sso.rules import Issuers
from portal.sso.servers import openid
from portal.sso.servers.id_tokens import Expected, issuer_of, read_id_token, read_logout_token
from portal.sso.servers.refusals import SignInRefused

# What the identity provider says when somebody there said no, or must say something first.
_DENIED = frozenset(
    {"access_denied", "interaction_required", "consent_required", "login_required", "account_selection_required"}
)
# What may be said of somebody beside the ID token.
_BESIDE_THE_TOKEN = ("email", "email_verified", "name", "given_name", "family_name")


def begin(
    ctx: Context,
    way: SignInWay,
    issuers: Issuers,
    *,
    state: str,
    redirect_uri: str,
    hint: str = "",
    chooses: bool = False,
) -> str:
    """Where the browser goes to sign in by *way*. Raises SignInRefused where the identity provider does not answer."""
    return openid.build_authorization_url(
        client_of(ctx, way, issuers),
        redirect_uri=redirect_uri,
        state=state,
        nonce=_derive("nonce of a sign-in", state),
        verifier=_derive("verifier of a sign-in", state),
        hint=hint,
        chooses=chooses,
    )


def finish(
    ctx: Context, way: SignInWay, issuers: Issuers, *, state: str, code: str, said_issuer: str | None, redirect_uri: str
) -> Claims:
    """The checked claims of whoever came back with *code*; *said_issuer* is the parameter `iss` (RFC 9207). Raises
    SignInRefused."""
    client = client_of(ctx, way, issuers)
    description = openid.describe(client)
    if said_issuer is None and description.names_itself:
        raise SignInRefused("issuer")
    is_template = client.issuer != client.home
    if said_issuer is not None and not is_template and said_issuer != client.issuer:
        raise SignInRefused("issuer")
    given = openid.fetch_tokens(
        client, code=code, redirect_uri=redirect_uri, verifier=_derive("verifier of a sign-in", state)
    )
    expected, nonce = Expected(client.issuer, client.client_id, ctx.now), _derive("nonce of a sign-in", state)
    try:
        claims = read_id_token(given.id_token, openid.read_keys(client), expected, nonce)
    except SignInRefused as refusal:
        if refusal.code != "key":
            raise
        claims = read_id_token(given.id_token, openid.read_keys(client, again=True), expected, nonce)
    if said_issuer is not None and is_template and said_issuer != issuer_of(client.issuer, claims):
        raise SignInRefused("issuer")
    if "email" not in claims and way.kind == OPENID:
        # Many providers leave the address out of the ID token once they gave an access token. Whether it is proved is
        # said where it is.
        told = openid.fetch_user_info(client, given.access_token, str(claims["sub"]))
        beside = {name: told[name] for name in _BESIDE_THE_TOKEN if name in told}
        claims = {**beside, **{name: value for name, value in claims.items() if name != "email_verified"}}
    return claims


def read_logout(ctx: Context, way: SignInWay, issuers: Issuers, raw: str) -> Claims:
    """The checked claims of the logout token *raw*, which the identity provider of *way* sent. Raises SignInRefused."""
    client = client_of(ctx, way, issuers)
    expected = Expected(client.issuer, client.client_id, ctx.now)
    try:
        return read_logout_token(raw, openid.read_keys(client), expected)
    except SignInRefused as refusal:
        if refusal.code != "key":
            raise
        return read_logout_token(raw, openid.read_keys(client, again=True), expected)


def error_code(error: str) -> str:
    """The code of a refusal for the parameter `error` with which an identity provider leads back."""
    if error in _DENIED:
        return "denied"
    return "down" if error in ("temporarily_unavailable", "server_error") else "protocol"


def _derive(purpose: str, state: str) -> str:
    """A secret of the round trip with *state*: nothing of it is stored, and no browser knows it before the end."""
    key = tokens.signing_key(purpose)
    return base64.urlsafe_b64encode(hmac.digest(key, state.encode(), hashlib.sha256)).rstrip(b"=").decode()
