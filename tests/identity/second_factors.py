"""What tests of second factors do: set one up for somebody, and read its codes."""

from typing import Any

import pyotp

from portal.identity import actions, one_time_codes
from portal.identity.models import User
from portal.kernel.actor import Actor, Side
from tests.support.acting import context_of


def set_up_app(world: Any, who: str) -> tuple[str, list[str]]:
    """An authenticator app for *who*, set up a minute ago; returns its key and the recovery codes."""
    somebody = world.person(who)
    ctx = context_of(world.provider_world_of(who), somebody)
    ctx.actor = Actor(Side.NOBODY, ctx.provider_id, somebody.id, "")
    secret = one_time_codes.new_secret()
    person = world.row(User, somebody)
    codes = actions.add_authenticator(ctx, person, secret, code_of(world, secret))
    row = next(iter(ctx.session.scalars(_own(ctx))))
    row.last_step -= 2
    ctx.session.flush()
    return secret, codes


def code_of(world: Any, secret: str, steps: int = 0) -> str:
    """What the app shows *steps* of 30 seconds from now."""
    return pyotp.TOTP(secret).at(world.system().now, counter_offset=steps)


def _own(ctx: Any) -> Any:
    from portal.authz.scopes import scope
    from portal.identity.factor_models import Authenticator

    return scope(ctx.actor, Authenticator)
