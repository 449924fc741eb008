"""Pages of single sign-on: for everybody, for the administration, for organizations, and for oneself."""

from portal.sso.routes import (  # noqa: F401 - views register themselves
    domains,
    organization,
    own_sign_ins,
    round_trips,
    waiting,
    ways,
)
from portal.sso.routes.blueprint import sso

__all__ = ["sso"]
