"""The step between proof and session: somebody proved who they are, and a second factor is asked for, or set up.

The browser holds a random token in its signed cookie, with how the person came and where they are going. The token is
good for this one purpose, for a few minutes and once; whoever holds it is signed in nowhere.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import session, url_for

from portal.identity import actions, one_time_codes
from portal.identity.link_purposes import FACTOR_STEP
from portal.identity.models import User
from portal.kernel import encryption, tokens
from portal.kernel.actor import Actor, Id, Side
from portal.kernel.context import Context
from portal.kernel.errors import Gone, NotFound
from portal.kernel.system_context import act_as

LASTS = dt.timedelta(minutes=15)
_STEP, _SECRET, _CODES = "factor_step", "offered_key", "fresh_codes"


@dataclass(frozen=True, slots=True)
class FactorStep:
    """Somebody between proof and session: who, how they proved who they are, and where they are going."""

    user: User
    method: str
    next: str
    token: str
    # The session at the identity provider that they came from, or ''.
    outside_sid: str = ""


def begin_step(ctx: Context, user: User, method: str, next: str, outside_sid: str = "") -> str:
    """Let this browser, in an emptied cookie, take the step for *user*; returns its address."""
    token_id = tokens.issue_token(ctx, FACTOR_STEP, user.id, LASTS)
    session.clear()
    session[_STEP] = {"token": tokens.derive_token(token_id), "method": method, "next": next, "sid": outside_sid}
    return url_for("identity.factor")


def load_step(ctx: Context) -> FactorStep | None:
    """The step of this browser; None where there is none, or its time is over. The rest of the request is the person's
    work, without a place on any side."""
    stored = session.get(_STEP)
    if not isinstance(stored, dict):
        return None
    try:
        user = actions.find_link_owner(ctx, FACTOR_STEP, str(stored.get("token", "")))
    except (Gone, NotFound):
        return None
    act_as(ctx, Actor(Side.NOBODY, ctx.provider_id, user.id, user.name))
    return FactorStep(
        user, str(stored["method"]), str(stored["next"]), str(stored["token"]), str(stored.get("sid") or "")
    )


def end_step(ctx: Context, step: FactorStep) -> None:
    """Use the step up. Raises Gone where another request did so at the same moment."""
    tokens.load_live_token(ctx, FACTOR_STEP, step.token, spend=True)
    session.pop(_STEP, None)


def offered_key(user_id: Id) -> str:
    """The key for an app that is being set up: the same until it is set up, so that a wrong code needs no new picture.
    The cookie holds it encrypted."""
    stored: Any = session.get(_SECRET)
    try:
        return one_time_codes.decrypt_secret(str(stored), user_id)
    except encryption.Undecryptable:
        secret = one_time_codes.new_secret()
        session[_SECRET] = one_time_codes.encrypt_secret(secret, user_id)
        return secret


def forget_offered_key() -> None:
    """Offer another key next time."""
    session.pop(_SECRET, None)


def describe_key(ctx: Context, secret: str, email: str) -> dict[str, Any]:
    """What the pages that set up an app show: the key as a picture, and as text."""
    address = one_time_codes.key_address(secret, account=email, issuer=ctx.provider.called)
    return {"picture": one_time_codes.draw_qr_code(address), "key": one_time_codes.spell_key(secret), "email": email}


def keep_fresh_codes(user_id: Id, codes: list[str]) -> None:
    """Show new recovery codes on the next page; the cookie holds them encrypted until they are confirmed."""
    session[_CODES] = encryption.encrypt(" ".join(codes), f"fresh recovery codes {user_id}")


def fresh_codes(user_id: Id) -> list[str]:
    """The recovery codes that were made just now and not confirmed as kept; [] for none."""
    try:
        return encryption.decrypt(str(session.get(_CODES)), f"fresh recovery codes {user_id}").split()
    except encryption.Undecryptable:
        return []


def forget_fresh_codes() -> None:
    """Show the recovery codes no more."""
    session.pop(_CODES, None)
