"""Steps that several of these tests take."""

import re
from typing import Any

from portal.demo.cli import PASSWORD
from portal.identity import actions
from portal.identity.models import User
from portal.kernel import tokens
from tests.support import acting

WRONG = "not-the-password"
MISMATCH = "The email or password is not right"
_CHANGING = re.compile(
    r"~[\w=-]{100,}|\.?[\w-]{30,}\.[\w-]{5,7}\.[\w-]{20,}|nonce=\"\w+\"|content=\"\d{4}-\d\d-\d\dT[\d:]+Z\""
)

__all__ = ["MISMATCH", "PASSWORD", "WRONG", "invitation", "masked", "reset_link", "sign_in"]


def sign_in(browser: Any, email: str, password: str = PASSWORD, **more: str) -> Any:
    return browser.post("/sign-in", data={"email": email, "password": password, **more})


def masked(answer: Any, *words: str) -> str:
    """The bytes of *answer* without what differs each time, and without *words*."""
    text = _CHANGING.sub("·", answer.get_data(as_text=True))
    for word in words:
        text = text.replace(word, "·")
    return text


def _last_token(world: Any, purpose: str, subject: Any) -> str:
    rows = world.rows(tokens.TokenHash, tokens.TokenHash.purpose == purpose, tokens.TokenHash.subject_id == subject)
    return tokens.derive_token(rows[-1].id)


def invitation(world: Any, who: str) -> str:
    """Invite somebody without a sign-in; the link's path."""
    ctx = world.system(world.provider_world_of(who))
    person = world.person(who)
    actions.invite(ctx, world.row(User, person))
    return f"/invite/{_last_token(world, actions.INVITATION, person.id)}"


def reset_link(world: Any, browser: Any, who: str) -> str:
    """Ask for a new password as a person would; the path that the mail would hold."""
    person = world.person(who)
    browser.post("/password", data={"email": person.email})
    acting.run_outbox(world)
    return f"/password/{_last_token(world, actions.RESET, person.id)}"
