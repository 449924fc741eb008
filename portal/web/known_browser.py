"""A browser in which somebody signed in before. Wrong tries of strangers do not count against it.

The cookie holds, for each person, a random word of this browser; it is signed for this host and does not sign anybody
in.
"""

import hashlib
import hmac
import secrets

from flask import Response, after_this_request, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from portal.kernel.actor import Id
from portal.web.host_keys import host_key, host_name

COOKIE = "parley_known"
# Over HTTPS the browser accepts it from this host only, never from a neighboring one.
SECURE_COOKIE = f"__Host-{COOKIE}"
LASTS_SECONDS = 365 * 24 * 3600
# The most people in the cookie of one browser; the oldest is removed first.
MOST_PEOPLE = 8


def read_nonce(user_id: Id) -> str:
    """The random word of this browser for the person *user_id*; '' if they never signed in here."""
    return next((nonce for person, nonce in _read() if hmac.compare_digest(person, _digest(user_id))), "")


def remember_user(user_id: Id) -> str:
    """Store in the cookie of this answer that *user_id* signed in here; returns the random word of this browser."""
    person = _digest(user_id)
    known = _read()
    nonce = next((word for who, word in known if who == person), "") or secrets.token_urlsafe(12)
    kept = [(who, word) for who, word in known if who != person][-(MOST_PEOPLE - 1) :]
    value = str(_signer().dumps([*kept, (person, nonce)]))

    @after_this_request
    def set_cookie(response: Response) -> Response:
        response.set_cookie(
            _cookie_name(),
            value,
            max_age=LASTS_SECONDS,
            secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
            httponly=True,
            samesite="Lax",
        )
        return response

    return nonce


def _read() -> list[tuple[str, str]]:
    """(digest of a person, random word) of everybody who signed in here, the latest last."""
    try:
        found = _signer().loads(request.cookies.get(_cookie_name(), "")[:2000])
    except (BadSignature, ValueError):
        return []
    return [(str(person), str(nonce)) for person, nonce in found]


def _cookie_name() -> str:
    return SECURE_COOKIE if current_app.config["SESSION_COOKIE_SECURE"] else COOKIE


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(host_key(current_app, "known browser", host_name()))


def _digest(user_id: Id) -> str:
    return hashlib.sha256(user_id.bytes).hexdigest()[:16]
