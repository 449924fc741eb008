"""Adding a passkey, and proving it (WebAuthn, by the library `webauthn`): what the browser is asked, and whether its
answer holds.

The question (`challenge`) is stored in a signed cookie of the host, for one purpose and a few minutes, and is used up
by the answer, also where somebody sends cookie and answer once more. It is a cookie of its own: the page of signing in
asks for the question in the background, and an answer that arrives after the person signed in would put the session of
nobody back in place of theirs. The host of the request is the `rp_id`: a passkey that was added at another host of the
provider is not offered by the browser here.
"""

import base64
import datetime as dt
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import webauthn
from flask import Response, after_this_request, current_app, request
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer
from webauthn.helpers import base64url_to_bytes, exceptions, parse_authentication_credential_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal.identity import throttle
from portal.identity.factor_models import Passkey
from portal.identity.models import User
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.web.host_keys import host_key, host_name

LASTS = dt.timedelta(minutes=15)
LONGEST_ANSWER = 20_000
# What the cookie holds the question for.
ADD, STEP, SIGN_IN, PROOF = "add", "step", "sign_in", "proof"
_COOKIE = "parley_passkey"
# What a browser sends may be anything: the library, and the parts of it that read JSON and CBOR, refuse it by these.
_REFUSALS = (exceptions.WebAuthnException, ValueError, KeyError, TypeError, OverflowError, IndexError, AttributeError)


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What a browser made, as it is stored."""

    host: str
    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: list[str]


def ask_to_add(ctx: Context, user: User, email: str, known: Sequence[Passkey]) -> str:
    """The question that lets a browser make a passkey for *user*, as JSON; none of *known* is made twice."""
    options = webauthn.generate_registration_options(
        rp_id=host_name(),
        rp_name=ctx.provider.called,
        user_id=user.id.bytes,
        user_name=email,
        user_display_name=user.name,
        challenge=_new_challenge(ctx, ADD),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
        exclude_credentials=_describe(known),
    )
    return webauthn.options_to_json(options)


def read_new_passkey(ctx: Context, answer: str) -> NewPasskey:
    """What the browser made. Raises Refused unless it answers the question of this browser."""
    challenge = _take_challenge(ctx, ADD)
    try:
        made = webauthn.verify_registration_response(
            credential=_bounded(answer),
            expected_challenge=challenge,
            expected_rp_id=host_name(),
            expected_origin=_origin(),
        )
        transports = json.loads(answer).get("response", {}).get("transports") or []
    except _REFUSALS as problem:
        raise Refused(_not_accepted()) from problem
    kept = [str(one)[:20] for one in transports if isinstance(one, str)][:8]
    return NewPasskey(host_name(), made.credential_id, made.credential_public_key, made.sign_count, kept)


def ask_to_prove(ctx: Context, purpose: str, known: Sequence[Passkey] = ()) -> str:
    """The question that lets a browser prove one of *known*, or any of its own that it can find, as JSON. To sign in,
    the device must check that it is its owner's hand (PIN, finger, face)."""
    options = webauthn.generate_authentication_options(
        rp_id=host_name(),
        challenge=_new_challenge(ctx, purpose),
        allow_credentials=_describe(known),
        user_verification=(
            UserVerificationRequirement.REQUIRED if purpose == SIGN_IN else UserVerificationRequirement.PREFERRED
        ),
    )
    return webauthn.options_to_json(options)


def credential_id_of(answer: str) -> bytes:
    """Which passkey *answer* is of. Raises Refused for what is no answer."""
    try:
        return bytes(parse_authentication_credential_json(_bounded(answer)).raw_id)[:1023]
    except _REFUSALS as problem:
        raise Refused(_not_accepted()) from problem


def check_proof(ctx: Context, purpose: str, answer: str, passkey: Passkey | None) -> int:
    """The new count of uses that the device of *passkey* reports. Raises Refused unless *answer* holds, also where the
    count went back (a copied device), and for a passkey that nobody has."""
    challenge = _take_challenge(ctx, purpose)
    if passkey is None:
        raise Refused(_not_accepted())
    try:
        proof = webauthn.verify_authentication_response(
            credential=_bounded(answer),
            expected_challenge=challenge,
            expected_rp_id=host_name(),
            expected_origin=_origin(),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=purpose == SIGN_IN,
        )
    except _REFUSALS as problem:
        raise Refused(_not_accepted()) from problem
    return proof.new_sign_count


def _describe(known: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=row.credential_id) for row in known]


def _new_challenge(ctx: Context, purpose: str) -> bytes:
    challenge = secrets.token_bytes(32)
    ends = int((ctx.now + LASTS).timestamp())
    spelled = base64.urlsafe_b64encode(challenge).decode().rstrip("=")
    _answer_with_cookie(purpose, str(_signer(purpose).dumps({"challenge": spelled, "ends": ends})))
    return challenge


def _take_challenge(ctx: Context, purpose: str) -> bytes:
    try:
        stored: Any = _signer(purpose).loads(request.cookies.get(_cookie_name(purpose), "")[:1000])
    except BadSignature:
        stored = None
    _answer_with_cookie(purpose, None)
    if stored is None or stored["ends"] < ctx.now.timestamp():
        raise Refused(_("This page was open for a long time. Try again."))
    if not throttle.may_use_question(stored["challenge"]):
        raise Refused(_not_accepted())
    return base64url_to_bytes(str(stored["challenge"]))


def _answer_with_cookie(purpose: str, value: str | None) -> None:
    """Set the cookie of *purpose* in the answer to this request; None deletes it."""
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    about: dict[str, Any] = {"secure": secure, "httponly": True, "samesite": "Strict"}

    @after_this_request
    def set_cookie(response: Response) -> Response:
        if value is None:
            response.delete_cookie(_cookie_name(purpose), **about)
        else:
            response.set_cookie(_cookie_name(purpose), value, max_age=int(LASTS.total_seconds()), **about)
        return response


def _cookie_name(purpose: str) -> str:
    host_only = "__Host-" if current_app.config["SESSION_COOKIE_SECURE"] else ""
    return f"{host_only}{_COOKIE}_{purpose}"


def _signer(purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(host_key(current_app, f"passkey {purpose}", host_name()))


def _bounded(answer: str) -> str:
    if len(answer) > LONGEST_ANSWER:
        raise ValueError
    return answer


def _origin() -> str:
    return request.host_url.rstrip("/")


def _not_accepted() -> str:
    return _("This passkey was not accepted. Try again, or use another way.")
