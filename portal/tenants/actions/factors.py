"""Resetting the second factors of somebody who lost them."""

from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.identity import actions as identity
from portal.identity.models import User
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused


def reset_factors_of(ctx: Context, person: User) -> None:
    """Remove every second factor of *person*, who is told by mail; records `person.factors_reset`.

    Raises Refused for oneself (an open browser must not undo one's own second factor), Conflict where there is none.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if person.id == ctx.actor.user_id:
        raise Refused(_("Change your own second factors on your own page."))
    if not identity.reset_factors(ctx, person):
        raise Conflict(_("%(name)s has no second factor.", name=person.name))
