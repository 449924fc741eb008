"""Which rows of background work administrators may see."""

from typing import Any

from sqlalchemy import Select, select

from portal.authz import scopes
from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.kernel.actor import Actor
from portal.kernel.outbox import Delivery


def visible_deliveries(actor: Actor) -> "Select[Any]":
    """Those who configure see what waits or died; contents are not in these rows."""
    rows = select(Delivery).where(Delivery.provider_id == actor.provider_id)
    allowed = actor.is_system or (actor.is_staff and can(actor, Permission.PROVIDER_CONFIGURE))
    return rows if allowed else scopes.select_nothing(rows)


scopes.register_scope(Delivery, visible_deliveries)
