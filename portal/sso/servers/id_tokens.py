"""Reading the tokens of an identity provider: signature, issuer, audience, times, nonce (OpenID Connect Core 3.1.3.7;
Back-Channel Logout 2.6)."""

import datetime as dt
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from portal.sso.engine.kinds import TENANT, Claims, is_directory
from portal.sso.servers.refusals import SignInRefused

# Signatures that only the identity provider can make. Never `none`, and none of the HS family: those would be made with
# a secret that both sides know.
ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)
_KEY_TYPES: dict[str, type[RSAKey] | type[ECKey] | type[OKPKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
# How far the clocks of both sides may differ, and how old a token may be.
LEEWAY = dt.timedelta(minutes=2)
OLDEST = dt.timedelta(hours=1)
LONGEST_TOKEN, LONGEST_SUBJECT, MOST_KEYS = 32_000, 255, 50
_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say. *issuer* may have the place `{tenant}` for the directory that the claim `tid` names."""

    issuer: str
    client_id: str
    now: dt.datetime


def read_id_token(raw: Any, keys: Sequence[Mapping[str, Any]], expected: Expected, nonce: str) -> Claims:
    """The claims of the ID token *raw*. Raises SignInRefused; its code `key` also means that the keys may be old."""
    claims = _read_signed(raw, keys)
    _check_common(claims, expected)
    _check_times(claims, expected.now, needs_end=True)
    if not _is_same(claims.get("nonce"), nonce):
        raise SignInRefused("nonce")
    if not _is_subject(claims.get("sub")):
        raise SignInRefused("subject")
    return claims


def read_logout_token(raw: Any, keys: Sequence[Mapping[str, Any]], expected: Expected) -> Claims:
    """The claims of a logout token: whose sessions end (`sub`, `sid` or both). Raises SignInRefused."""
    claims = _read_signed(raw, keys)
    _check_common(claims, expected)
    _check_times(claims, expected.now, needs_end=False)
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(_LOGOUT_EVENT), dict):
        raise SignInRefused("event")
    if "nonce" in claims:  # so that no ID token can be used as one
        raise SignInRefused("nonce")
    names = [claims[name] for name in ("sub", "sid") if name in claims]
    if not names or not all(map(_is_subject, names)):
        raise SignInRefused("subject")
    return claims


def issuer_of(template: str, claims: Claims) -> str:
    """The issuer that *claims* must name: *template* with their directory in its place."""
    if TENANT not in template:
        return template
    directory = claims.get("tid")
    if not isinstance(directory, str) or not is_directory(directory):
        raise SignInRefused("issuer")
    return template.replace(TENANT, directory)


def _read_signed(raw: Any, keys: Sequence[Mapping[str, Any]]) -> Claims:
    if not isinstance(raw, str) or not raw.isascii() or len(raw) > LONGEST_TOKEN or raw.count(".") != 2:
        raise SignInRefused("unsigned" if isinstance(raw, str) and raw.count(".") == 2 else "token")
    try:
        header = jws.extract_compact(raw.encode()).headers()
    except (JoseError, ValueError, TypeError):
        raise SignInRefused("token") from None
    algorithm, key_id = header.get("alg"), header.get("kid")
    if raw.endswith(".") or not isinstance(algorithm, str) or algorithm.lower() == "none":
        raise SignInRefused("unsigned")
    if algorithm not in ALGORITHMS:
        raise SignInRefused("algorithm")
    for key in _usable_keys(keys, key_id):
        try:
            return jwt.decode(raw, key, algorithms=[algorithm]).claims
        except (JoseError, ValueError, TypeError):
            continue
    raise SignInRefused("key")


def _usable_keys(keys: Sequence[Mapping[str, Any]], key_id: Any) -> list[Key]:
    """The public keys for signatures among *keys*; where the token names one, only that."""
    found: list[Key] = []
    for one in list(keys)[:MOST_KEYS]:
        if one.get("use", "sig") != "sig":
            continue
        kind = _KEY_TYPES.get(str(one.get("kty")))
        if kind is None or (key_id is not None and one.get("kid", key_id) != key_id):
            continue
        try:
            found.append(kind.import_key(dict(one)))
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return found


def _check_common(claims: Claims, expected: Expected) -> None:
    if claims.get("iss") != issuer_of(expected.issuer, claims):
        raise SignInRefused("issuer")
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or expected.client_id not in audiences:
        raise SignInRefused("audience")
    party = claims.get("azp")
    if (party is not None or len(audiences) > 1) and party != expected.client_id:
        raise SignInRefused("audience")


def _check_times(claims: Claims, now: dt.datetime, *, needs_end: bool) -> None:
    ends, made, begins = (_moment(claims.get(name)) for name in ("exp", "iat", "nbf"))
    if ends is None and (needs_end or "exp" in claims):
        raise SignInRefused("expired")
    if made is None or (begins is None and "nbf" in claims):
        raise SignInRefused("token")
    present = now.timestamp()
    if (ends is not None and ends + LEEWAY.total_seconds() <= present) or made + OLDEST.total_seconds() < present:
        raise SignInRefused("expired")
    if max(made, begins or 0) - LEEWAY.total_seconds() > present:
        raise SignInRefused("early")


def _moment(value: Any) -> float | None:
    """A time in a token; None for what is none."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e12
    return float(value) if is_number else None


def _is_same(said: Any, wanted: str) -> bool:
    return isinstance(said, str) and hmac.compare_digest(said.encode("utf-8", "replace"), wanted.encode())


def _is_subject(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_SUBJECT and value.isprintable()
