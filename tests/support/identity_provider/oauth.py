"""The endpoints of OAuth 2.0 and OpenID Connect, on Authlib's server side: authorization code with PKCE, client
credentials, refresh tokens that are used once, ID tokens, user info, introspection, end of a session."""

import base64
import hashlib
import hmac
import json
import secrets
import warnings
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import requests
from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidScopeError, grants
from authlib.oauth2.rfc6750 import BearerTokenGenerator, BearerTokenValidator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import OpenIDCode, UserInfoEndpoint
from flask import Blueprint, Flask, Response, abort, current_app, g, jsonify, redirect, render_template_string, request
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey

from tests.support.identity_provider.state import Code, State, Tenant, Token, User, new_key

CODE_SECONDS = 300
LONG = 90 * 86_400
PAGE = """<!doctype html><html lang="en"><title>Sign in</title><h1>Sign in at {{ tenant.name }}</h1>
{% for user in users %}
<form method="get">{% for name, value in query.items(multi=True) %}
<input type="hidden" name="{{ name }}" value="{{ value }}">{% endfor %}
<button name="as" value="{{ user.subject }}">{{ user.email }}</button></form>
{% else %}<p>Nobody is known here.</p>{% endfor %}"""


def state() -> State:
    """The state of this provider."""
    found: State = current_app.extensions["state"]
    return found


# -- what Authlib asks for --


class CodeGrant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]

    def save_authorization_code(self, code: str, request: Any) -> None:
        data = request.payload.data
        state().nonces.add(data.get("nonce") or code)
        state().codes[code] = Code(
            code,
            request.client.client_id,
            request.payload.redirect_uri or "",
            request.scope,
            request.user,
            g.tenant.name,
            data.get("nonce", ""),
            int(state().now),
            state().now + CODE_SECONDS,
            data.get("code_challenge", ""),
            data.get("code_challenge_method", ""),
            data.get("access_type") == "offline" or "offline_access" in request.scope.split(),
        )

    def query_authorization_code(self, code: str, client: Any) -> Code | None:
        found = state().codes.get(code)
        good = found and found.client_id == client.client_id and found.tenant == g.tenant.name
        return found if good and found.ends > state().now else None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        state().codes.pop(authorization_code.code, None)

    def authenticate_user(self, authorization_code: Code) -> User | None:
        return state().users.get(authorization_code.user.subject)

    def generate_token(self, *arguments: Any, **more: Any) -> Any:
        code = self.request.authorization_code
        more["include_refresh_token"] = code.is_offline and not state().settings["no_refresh_token"]
        return super().generate_token(*arguments, **more)


class RefreshGrant(grants.RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = CodeGrant.TOKEN_ENDPOINT_AUTH_METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> Token | None:
        found = state().given.get(refresh_token)
        return found if found and found.kind == "refresh" and state().lives(found) else None

    def authenticate_user(self, refresh_token: Token) -> User | None:
        user = refresh_token.user
        if user is None or user.subject not in state().users:
            raise InvalidGrantError("The user is gone.")
        return user

    def revoke_old_credential(self, refresh_token: Token) -> None:
        refresh_token.alive = False


class ApplicationGrant(grants.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]

    def validate_requested_scope(self) -> None:
        """As Microsoft: an application asks for all that was granted to it."""
        if g.tenant.is_microsoft and not (self.request.payload.scope or "").endswith("/.default"):
            raise InvalidScopeError()


class NamesItself(IssuerParameter):
    def get_issuer(self) -> str | None:
        if not g.tenant.names_itself:
            return None
        wrong = state().settings["wrong_issuer_parameter"]
        return "https://issuer.invalid" if wrong else state().issuer_of(g.tenant)


class IdToken(OpenIDCode):
    """ID tokens, right ones and those that a test ordered."""

    def exists_nonce(self, nonce: str, request: Any) -> bool:
        return nonce in state().nonces

    def generate_user_info(self, user: User, scope: str) -> dict[str, Any]:
        return user_claims(user, scope)

    def process_token(self, grant: Any, response: Any) -> Any:
        if state().take_token_fault("no_id_token"):
            return response[1]
        return super().process_token(grant, response)

    def encode_id_token(self, token: dict[str, Any], request: Any) -> str:
        code, user = request.authorization_code, request.user
        home = state().find_tenant(user.tenant) or g.tenant
        now = int(state().now)
        claims: dict[str, Any] = {
            "iss": state().issuer_of(home),
            "aud": request.client.client_id,
            "iat": now,
            "nbf": now,
            "exp": now + 3600,
            **user_claims(user, token["scope"]),
        }
        if code is not None:
            claims |= self.get_authorization_code_claims(code)
        digest = hashlib.sha256(token["access_token"].encode()).digest()
        claims["at_hash"] = base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()
        return sign(home, change(claims), request.client.secret)


def user_claims(user: User, scope: str) -> dict[str, Any]:
    """What the provider says about *user*."""
    found: dict[str, Any] = {"sub": user.subject}
    wanted = scope.split()
    home = state().find_tenant(user.tenant)
    if home is not None and home.is_microsoft:
        found |= {"tid": user.tenant, "oid": user.subject, "preferred_username": user.email}
    if "email" in wanted:
        found["email"] = user.email
        if home is None or not home.is_microsoft:  # Microsoft says nothing about it
            found["email_verified"] = user.email_verified
    if "profile" in wanted:
        found["name"] = user.name or user.email
    return {name: value for name, value in (found | user.claims).items() if value is not None}


def change(claims: dict[str, Any]) -> dict[str, Any]:
    """*claims* with what a test ordered."""
    fault, now = state().take_token_fault, int(state().now)
    if fault("expired"):
        claims |= {"iat": now - 7200, "nbf": now - 7200, "exp": now - 3600}
    if fault("issued_later"):
        claims |= {"iat": now + 3600, "nbf": now + 3600, "exp": now + 7200}
    if fault("wrong_audience"):
        claims["aud"] = "another-application"
    if fault("wrong_issuer"):
        claims["iss"] = "https://issuer.invalid"
    if fault("wrong_nonce"):
        claims["nonce"] = "another"
    if fault("no_nonce"):
        claims.pop("nonce", None)
    if fault("no_subject"):
        claims.pop("sub", None)
    claims |= state().claim_changes
    return {name: value for name, value in claims.items() if value is not None}


def sign(tenant: Tenant, claims: dict[str, Any], secret: str) -> str:
    """A token of *tenant*, signed as a test wants it."""
    fault, key = state().take_token_fault, state().keys_of(tenant)[0]
    header = {"alg": "RS256", "kid": key.kid}
    if fault("alg_none"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return jwt.encode({"alg": "none"}, claims, None, ["none"])
    if fault("hs256_secret"):
        return jwt.encode({"alg": "HS256", "kid": key.kid}, claims, OctKey.import_key(secret.ljust(32, "_")), ["HS256"])
    if fault("hs256_public_key"):  # no library makes it: the published key taken as a shared secret
        return sign_with_bytes({"alg": "HS256", "kid": key.kid}, claims, key.as_pem(private=False))
    if fault("foreign_key"):
        key = new_key()  # under the id of the right one
    if fault("unknown_key"):
        key = new_key()
        header["kid"] = str(key.kid)
    made = jwt.encode(header, claims, key, ["RS256"])
    if fault("tampered"):
        first, _claims, signature = made.split(".")
        return f"{first}.{encode_part({**claims, 'sub': 'somebody-else'})}.{signature}"
    return made


def encode_part(part: dict[str, Any]) -> str:
    """A part of a token."""
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def sign_with_bytes(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    """HS256 with any bytes."""
    body = f"{encode_part(header)}.{encode_part(claims)}"
    signature = hmac.new(secret, body.encode(), hashlib.sha256).digest()
    return f"{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


class KnownToken(BearerTokenValidator):
    def authenticate_token(self, token_string: str) -> Token | None:
        found = state().given.get(token_string)
        if found is None or found.kind != "access":
            return None
        found.alive = state().lives(found)
        return found


class UserInfo(UserInfoEndpoint):
    def generate_user_info(self, user: User, scope: str) -> dict[str, Any]:
        return user_claims(user, scope)


def save_token(token: dict[str, Any], request: Any) -> None:
    """Remember what was given."""
    user, client = request.user, request.client
    for kind, name in (("access", "access_token"), ("refresh", "refresh_token")):
        if name in token:
            seconds = token["expires_in"] if kind == "access" else LONG
            ends = state().now + seconds
            account = user.email if user else "*"
            state().given[token[name]] = Token(
                token[name], kind, account, user, token.get("scope", ""), client, g.tenant.name, ends
            )


def find_client(client_id: str) -> Any:
    """An application that may be used at this tenant."""
    found = state().clients.get(client_id)
    return found if found and (not found.tenants or g.tenant.name in found.tenants) else None


def name_token(kind: str) -> Callable[..., str]:
    """What makes tokens of a kind."""
    return lambda *_arguments, **_more: f"{kind}-{secrets.token_urlsafe(32)}"


server = AuthorizationServer(query_client=find_client, save_token=save_token)
server.register_grant(CodeGrant, [IdToken(require_nonce=False), CodeChallenge(required=True)])
server.register_grant(RefreshGrant, [IdToken()])
server.register_grant(ApplicationGrant)
server.register_extension(lambda self: NamesItself()(self))
protector = ResourceProtector()
protector.register_token_validator(KnownToken())
server.register_endpoint(UserInfo(resource_protector=protector))
blueprint = Blueprint("oauth", __name__)


def begin(app: Flask) -> None:
    """Serve these endpoints in *app*."""
    server.init_app(app)  # which sets a token generator of its own
    seconds = lambda _client, _grant: int(state().settings["seconds"])  # noqa: E731
    made = BearerTokenGenerator(name_token("access"), name_token("refresh"), seconds)
    server.register_token_generator("default", made)
    app.register_blueprint(blueprint)


# -- the endpoints; each at the path of a plain issuer, and where Microsoft has it --


@blueprint.url_value_preprocessor
def find_tenant(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.tenant = state().find_tenant((values or {}).pop("tenant", ""))
    if g.tenant is None:
        abort(404)


@blueprint.get("/<tenant>/.well-known/openid-configuration", endpoint="discovery")
@blueprint.get("/<tenant>/v2.0/.well-known/openid-configuration", endpoint="discovery")
def discover() -> Response:
    tenant: Tenant = g.tenant
    home = f"{state().base}/{tenant.name}"
    here = f"{home}/oauth2/v2.0" if tenant.is_microsoft else home
    return jsonify(
        {
            "issuer": state().issuer_of(tenant),
            "authorization_endpoint": f"{here}/authorize",
            "token_endpoint": f"{here}/token",
            "jwks_uri": f"{home}/discovery/v2.0/keys" if tenant.is_microsoft else f"{home}/jwks",
            "userinfo_endpoint": f"{here}/userinfo",
            "end_session_endpoint": f"{here}/logout",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile", "offline_access"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "authorization_response_iss_parameter_supported": tenant.names_itself,
            "backchannel_logout_supported": not tenant.is_microsoft,
        }
    )


@blueprint.get("/<tenant>/jwks", endpoint="jwks")
@blueprint.get("/<tenant>/discovery/v2.0/keys", endpoint="jwks")
def publish_keys() -> Response:
    return jsonify(KeySet(state().keys_of(g.tenant)).as_dict(private=False))


@blueprint.get("/<tenant>/authorize", endpoint="authorize")
@blueprint.get("/<tenant>/oauth2/v2.0/authorize", endpoint="authorize")
def authorize() -> Any:
    try:
        grant = server.get_consent_grant(end_user=None)
    except OAuth2Error as problem:
        return server.handle_error_response(server.create_oauth2_request(request), problem)
    if state().is_denying:
        return server.create_authorization_response(grant=grant, grant_user=None)
    chosen, hint = request.args.get("as") or state().next_user, request.args.get("login_hint", "")
    if chosen:
        return server.create_authorization_response(grant=grant, grant_user=state().users[chosen])
    if hint:
        return server.create_authorization_response(grant=grant, grant_user=state().find_user(g.tenant, hint))
    users = state().list_users(g.tenant)
    return render_template_string(PAGE, tenant=g.tenant, users=users, query=request.args)


@blueprint.post("/<tenant>/token", endpoint="token")
@blueprint.post("/<tenant>/oauth2/v2.0/token", endpoint="token")
def give_token() -> Any:
    return server.create_token_response()


@blueprint.route("/<tenant>/userinfo", methods=["GET", "POST"], endpoint="userinfo")
@blueprint.route("/<tenant>/oauth2/v2.0/userinfo", methods=["GET", "POST"], endpoint="userinfo")
def tell_user() -> Any:
    return server.create_endpoint_response("userinfo")


@blueprint.get("/<tenant>/introspect", endpoint="introspect")
def introspect() -> Response:
    """What Dovecot asks: whose a token is."""
    account = state().owner_of(request.args.get("token", ""))
    return jsonify({"active": bool(account), "username": account})


@blueprint.get("/<tenant>/logout", endpoint="logout")
@blueprint.get("/<tenant>/oauth2/v2.0/logout", endpoint="logout")
def end_session() -> Any:
    target = request.args.get("post_logout_redirect_uri", "")
    known = [uri for client in state().clients.values() for uri in client.redirects]
    if target not in known:
        return "Signed out."
    more = {"state": request.args["state"]} if "state" in request.args else {}
    return redirect(f"{target}?{urlencode(more)}" if more else target)


def send_logout(client_id: str, subject: str, **changes: Any) -> int:
    """Tell an application by back-channel logout that a user is gone; the status that it answered. *changes* of the
    claims make a wrong token."""
    client, user = state().clients[client_id], state().users[subject]
    home, now = state().find_tenant(user.tenant), int(state().now)
    assert home is not None
    claims: dict[str, Any] = {
        "iss": state().issuer_of(home),
        "aud": client_id,
        "sub": subject,
        "iat": now,
        "exp": now + 120,
        "jti": secrets.token_hex(8),
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }
    claims = {name: value for name, value in (claims | changes).items() if value is not None}
    token = sign(home, claims, client.secret)
    return requests.post(client.logout_uri, data={"logout_token": token}, timeout=20).status_code
