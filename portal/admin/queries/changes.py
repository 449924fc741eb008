"""The last person who changed a configuration object, for the message of a conflict."""

import uuid

from sqlalchemy import select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.kernel.context import Context
from portal.kernel.events import Event


def last_change(ctx: Context, subject_id: uuid.UUID) -> Event | None:
    """The newest event about *subject_id* that concerns no case."""
    require(ctx.actor, Permission.PROVIDER_READ)
    statement = select(Event).where(
        Event.provider_id == ctx.provider_id, Event.subject_id == subject_id, Event.case_id.is_(None)
    )
    return ctx.session.scalars(statement.order_by(Event.id.desc()).limit(1)).one_or_none()
