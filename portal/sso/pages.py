"""Pages and answers that the routes of single sign-on share: beginning a round trip, and saying why it led nowhere."""

import json
import uuid
from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, redirect

from portal.kernel import security_events
from portal.kernel.actor import Id
from portal.kernel.ids import parse_id
from portal.sso.actions import round_trips
from portal.sso.labels import refusal_sentence
from portal.sso.models import SignInWay
from portal.sso.rules import Issuers, list_origins
from portal.web import deferred_writes
from portal.web.current import ctx
from portal.web.headers import allow_form_target
from portal.web.htmx import page
from portal.web.oauth_state import begin_round_trip, end_round_trip
from portal.web.urls import outside_url

_PURPOSE = "sign-in"
# What a round trip is for.
SIGN_IN, LINK, TEST = "sign_in", "link", "test"
# A longer path is not remembered: the cookie has little room.
_LONGEST_NEXT = 600


@dataclass(frozen=True, slots=True)
class Trip:
    """What this browser began: at which way, for what, and where it leads afterwards."""

    way_id: Id
    purpose: str
    next: str


@dataclass(frozen=True, slots=True)
class WayName:
    """What a page says of a way. Its row belongs to the organization, and nobody who is not signed in may read it again
    after the unit of work ended."""

    name: str = ""
    label: str = ""

    @classmethod
    def of(cls, way: SignInWay) -> "WayName":
        """The name and label of *way*."""
        return cls(way.name, way.label)


def issuers() -> Issuers:
    """The issuers of the installation."""
    return Issuers.of(current_app.config["PARLEY"])


def redirect_address(name: str) -> str:
    """Where the identity provider leads back to; it must be registered there."""
    return outside_url(f"/sign-in/with/{name}/callback")


def logout_address(name: str) -> str:
    """Where the identity provider says that somebody signed out there (back channel)."""
    return outside_url(f"/sign-in/with/{name}/logout")


def allow_ways(*ways: SignInWay) -> None:
    """Let the forms of this answer lead to the identity providers of *ways*."""
    allow_form_target(*list_origins(ways, issuers()))


def begin_trip(way: SignInWay, purpose: str, *, to: str = "", hint: str = "") -> Response:
    """Send the browser to the identity provider of *way*. Raises SignInRefused where it does not answer."""
    subject = {"way": str(way.id), "for": purpose, "next": to if len(to) <= _LONGEST_NEXT else ""}
    state = begin_round_trip(_PURPOSE, json.dumps(subject))
    address = round_trips.begin(
        ctx(),
        way,
        issuers(),
        state=state,
        redirect_uri=redirect_address(way.name),
        hint=hint,
        chooses=purpose != SIGN_IN,
    )
    return redirect(address, 303)  # type: ignore[return-value]


def end_trip(state: str) -> Trip | None:
    """What this browser began with *state*, which is used up; None where it began nothing, or too long ago."""
    stored = end_round_trip(_PURPOSE, state) if state else None
    if stored is None:
        return None
    subject: Any = json.loads(stored)
    way_id = parse_id(subject["way"])
    return Trip(way_id, subject["for"], subject["next"]) if way_id is not None else None


def refused_page(
    code: str,
    way: WayName,
    *,
    to: str = "",
    back: str = "",
    sentence: str = "",
    words: str = "",
    user_id: uuid.UUID | None = None,
    status: int = 0,
) -> Response:
    """The page that says why nobody was signed in, counted as a security event. *back*: where it began, if that was not
    the page of sign-in."""
    if code not in ("denied", "down", "slow"):
        address = f"{way.name} {code}"
        deferred_writes.defer_write(
            lambda later: security_events.count_try(later, security_events.SIGN_IN_REFUSED, user_id, address)
        )
    status = status or {"state": 410, "ended": 403, "staff": 403, "recycled": 403, "waiting": 403}.get(code, 422)
    return page(
        "sso/refused.html",
        status,
        sentence=sentence or refusal_sentence(code, way.label),
        words=words,
        name=way.name,
        label=way.label,
        to=to,
        back=back,
        again=code in ("denied", "down", "slow", "code", "expired", "nonce", "state") and not back,
    )
