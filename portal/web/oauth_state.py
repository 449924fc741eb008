"""What a browser takes to another site and must bring back (`state` of OAuth), so that nobody can end at ours what
somebody else began there.

It is stored in the signed cookie of the host, for the person who is signed in, once, and for a short time.
"""

import datetime as dt
import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import g, session

from portal.kernel import uow
from portal.web.current import ctx

_KEY = "oauth_states"
LASTS = dt.timedelta(minutes=20)
# Several tabs may be on their way at once.
_MOST = 4


def begin_round_trip(purpose: str, subject: str) -> str:
    """A new state for *subject*, which the browser must bring back."""
    state = secrets.token_urlsafe(24)
    ends = (ctx().now + LASTS).timestamp()
    entry = {"state": state, "for": purpose, "subject": subject, "person": _person(), "ends": int(ends)}
    session[_KEY] = [*_read(), entry][-_MOST:]
    return state


def end_round_trip(purpose: str, state: str) -> str | None:
    """The subject of *state*, which is used up; None where this browser did not begin it, or too long ago."""
    entries = _read()
    found = next((entry for entry in entries if _is_same(entry.get("state"), state)), None)
    if found is None:
        return None
    session[_KEY] = [entry for entry in entries if entry is not found]
    is_ours = (found.get("for"), found.get("person")) == (purpose, _person())
    in_time = found["ends"] > ctx().now.timestamp()
    if not (is_ours and in_time):
        return None
    g.brought_state_back = True
    return str(found["subject"])


@contextmanager
def commit_return() -> Iterator[None]:
    """Commit the work of the block now, or roll all of it back: another site leads back by a GET, which commits nothing
    by itself. Only after `end_round_trip` in the same request: what begins without its state changes nothing."""
    assert g.get("brought_state_back"), "a GET commits only what a form of this browser began"
    with uow.unit_of_work(ctx().session):
        yield


def _is_same(stored: Any, state: str) -> bool:
    return hmac.compare_digest(str(stored).encode(), state.encode("utf-8", "replace"))


def _person() -> str:
    person = ctx().person
    return str(person.id) if person is not None else ""


def _read() -> list[dict[str, Any]]:
    stored = session.get(_KEY)
    return [entry for entry in stored if isinstance(entry, dict)] if isinstance(stored, list) else []
