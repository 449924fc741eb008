"""What must hold before somebody who sees no cases changes who does."""

from flask_babel import gettext as _

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Refused


def configures_blindly(ctx: Context) -> bool:
    """Whether the actor configures the provider without seeing cases: a platform administrator."""
    return ctx.actor.is_staff and not can(ctx.actor, Permission.CASE_READ)


def check_not_oneself(ctx: Context, user_id: Id) -> None:
    """Raise Refused where somebody who sees no cases would give themself a place in an organization."""
    if configures_blindly(ctx) and user_id == ctx.actor.user_id:
        raise Refused(_("This would let you see cases. Ask an administrator."), "email")


def check_manager_not_oneself(ctx: Context, user_id: Id) -> None:
    """Raise Refused where somebody who sees no cases would make themself a manager."""
    if configures_blindly(ctx) and user_id == ctx.actor.user_id:
        raise Refused(_("This would let you see cases. Ask an administrator."), "manager")
