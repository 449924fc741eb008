"""Notifications of the other administrators about people who gain sight of cases (DESIGN 2.5)."""

from flask_babel import gettext as _

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record

SIGHT_GAINED = "sight.gained"


def announce_sight(
    ctx: Context, subject: object, *, about: str, name: str, roles: list[str] | None = None, organization: str = ""
) -> None:
    """Record `sight.gained`, of which the administrators are notified; nothing for work of the system. *about* is the
    kind of change: `staff` (*name* got one of *roles*, or more accounts), `contact` (*name* got access to
    *organization*) or `rules` (the sharing rules of the organization *name* changed).
    """
    if not ctx.actor.is_system:
        record(ctx, SIGHT_GAINED, subject, about=about, name=name, roles=roles or [], organization=organization)


def configures_blindly(ctx: Context) -> bool:
    """Whether the actor configures the provider without seeing cases: a platform administrator."""
    return ctx.actor.is_staff and not can(ctx.actor, Permission.CASE_READ)


def check_not_oneself(ctx: Context, user_id: Id) -> None:
    """Raise Refused where somebody who sees no cases would give themself a place in an organization."""
    if configures_blindly(ctx) and user_id == ctx.actor.user_id:
        raise Refused(_("This would let you see cases. Ask an administrator."), "email")
