"""Notifications of the other administrators about people who gain sight of cases (DESIGN 2.5)."""

from portal.kernel.context import Context
from portal.kernel.events import record

SIGHT_GAINED = "sight.gained"


def announce_sight(
    ctx: Context, subject: object, *, about: str, name: str, roles: list[str] | None = None, organization: str = ""
) -> None:
    """Record `sight.gained`, of which the administrators are notified; nothing for work of the system. *about* is the
    kind of change: `staff` (*name* got one of *roles*, or more accounts), `contact` (*name* got access to
    *organization*), `manager` (somebody reports to *name*) or `rules` (the
    sharing rules of the organization *name* changed).
    """
    if not ctx.actor.is_system:
        record(ctx, SIGHT_GAINED, subject, about=about, name=name, roles=roles or [], organization=organization)
