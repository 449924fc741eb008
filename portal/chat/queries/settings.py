"""The provider's chat settings."""

import datetime as dt
from typing import Any

from portal.authz.scopes import scope
from portal.chat.models import ChatSettings
from portal.kernel.config_cache import cached_config, for_everybody
from portal.kernel.context import Context
from portal.sla.queries.calendars import SupportHours, hours_of


def chat_settings(ctx: Context) -> Any | None:
    """The columns of the settings; None for a provider that has none. Cached until they change."""
    rows = cached_config(ctx, for_everybody, _read_settings)
    return rows[0] if rows else None


def _read_settings(ctx: Context) -> tuple[Any, ...]:
    columns = (
        *(ChatSettings.enabled, ChatSettings.calendar_id, ChatSettings.request_type_id, ChatSettings.greeting),
        *(ChatSettings.most, ChatSettings.silent_minutes),
    )
    return tuple(ctx.session.execute(scope(ctx.actor, ChatSettings).with_only_columns(*columns)))


def is_chat_offered(ctx: Context) -> bool:
    """Whether the provider has a chat at all, open or not. No statement while the settings do not change."""
    found = chat_settings(ctx)
    return found is not None and found.enabled


def chat_hours(ctx: Context) -> SupportHours | None:
    """When the chat is open; None without a calendar."""
    found = chat_settings(ctx)
    return hours_of(ctx, found.calendar_id) if found is not None and found.calendar_id is not None else None


def silence(ctx: Context) -> dt.timedelta:
    """How long a contact may be silent before their chat is ended."""
    found = chat_settings(ctx)
    return dt.timedelta(minutes=found.silent_minutes if found is not None else 10)


def stored_settings(ctx: Context, *, lock: bool = False) -> ChatSettings | None:
    """The row of the settings, for whoever changes them."""
    rows = scope(ctx.actor, ChatSettings)
    if lock:
        rows = rows.with_for_update(of=ChatSettings).execution_options(populate_existing=True)
    return ctx.session.scalars(rows).one_or_none()
