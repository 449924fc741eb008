"""Changing the provider's chat settings."""

import uuid
from dataclasses import dataclass, fields

from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.scopes import scope
from portal.cases.models import RequestType
from portal.chat.models import ChatSettings
from portal.chat.queries.settings import stored_settings
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.sla.models import SlaCalendar


@dataclass(frozen=True, slots=True)
class ChatFacts:
    """What an administrator says about the chat."""

    enabled: bool
    calendar_id: uuid.UUID | None
    request_type_id: uuid.UUID | None
    greeting: str = ""
    most: int = 3
    silent_minutes: int = 10


def change_settings(ctx: Context, facts: ChatFacts) -> None:
    """Store *facts*; records `chat.settings_changed` (fact: changed) if anything changed. Raises Refused with the field
    for a chat that is on without hours or a request type, or for one of these that is not in use."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    row = stored_settings(ctx, lock=True)
    _check(ctx, facts)
    if row is None:
        row = ChatSettings(
            provider_id=ctx.provider_id, enabled=False, greeting="", most=3, silent_minutes=10, version=0
        )
        ctx.session.add(row)
    names = [field.name for field in fields(facts)]
    changed = [name for name in names if getattr(row, name) != getattr(facts, name)]
    if not changed and row.version:
        return
    for name in changed:
        setattr(row, name, getattr(facts, name))
    row.version += 1
    ctx.session.flush()
    record(ctx, "chat.settings_changed", row, changed=changed)


def _check(ctx: Context, facts: ChatFacts) -> None:
    if facts.calendar_id is not None:
        known = scope(ctx.actor, SlaCalendar).where(
            SlaCalendar.id == facts.calendar_id, SlaCalendar.archived.is_(False)
        )
        if ctx.session.scalar(known.with_only_columns(SlaCalendar.id)) is None:
            raise Refused(_("Choose from the list"), "calendar")
    elif facts.enabled:
        raise Refused(_("Choose when the chat is open"), "calendar")
    if facts.request_type_id is not None:
        types = scope(ctx.actor, RequestType).where(RequestType.id == facts.request_type_id, RequestType.active)
        if ctx.session.scalar(types.with_only_columns(RequestType.id)) is None:
            raise Refused(_("Choose from the list"), "request_type")
    elif facts.enabled:
        raise Refused(_("Choose the request type of the cases that chats open"), "request_type")
