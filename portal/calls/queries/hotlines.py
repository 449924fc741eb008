"""The hotlines of a provider with their hours. Every read starts at a scope."""

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from portal.authz.scopes import load, scope
from portal.calls.engine.slots import SlotRules
from portal.calls.models import Hotline
from portal.kernel.actor import Id
from portal.kernel.config_cache import cached_config, for_everybody
from portal.kernel.context import Context
from portal.kernel.phone_numbers import region_of, show_number
from portal.kernel.system_context import as_system
from portal.sla.models import CalendarVersion, SlaCalendar
from portal.sla.queries.interface import Calendar, parse_calendar

# The most hotlines of a provider.
MOST_HOTLINES = 12


@dataclass(frozen=True, slots=True)
class SupportLine:
    """A hotline in use, with its support hours."""

    id: uuid.UUID
    name: str
    number: str
    urgent_rank: int | None
    calls_back: bool
    rules: SlotRules
    calendar: Calendar

    @property
    def shown_number(self) -> str:
        """The number as people read it."""
        return show_number(self.number)

    def is_open_for(self, rank: int | None, now: dt.datetime) -> bool:
        """Whether somebody answers now, about a case of severity *rank*."""
        urgent = self.urgent_rank is not None and rank is not None and rank <= self.urgent_rank
        return urgent or self.calendar.is_open(now)


def lines(ctx: Context) -> list[SupportLine]:
    """The hotlines in use, in their order; no statement while nothing changed."""
    return [_line(*row) for row in cached_config(ctx, for_everybody, _read_lines)]


def _read_lines(ctx: Context) -> tuple[Any, ...]:
    statement = (
        scope(ctx.actor, Hotline)
        .where(Hotline.active)
        .join(SlaCalendar, SlaCalendar.id == Hotline.calendar_id)
        .join(
            CalendarVersion,
            (CalendarVersion.calendar_id == SlaCalendar.id) & (CalendarVersion.number == SlaCalendar.current),
        )
        .with_only_columns(
            *(Hotline.id, Hotline.name, Hotline.number, Hotline.urgent_rank, Hotline.calls_back),
            *(Hotline.slot_minutes, Hotline.slot_calls, CalendarVersion.content),
        )
        .order_by(Hotline.position, Hotline.id)
    )
    # The hours of a hotline are for everybody; a calendar is else only read by whom an agreement with it is for.
    with as_system(ctx) as inner:
        rows = inner.session.execute(statement.limit(MOST_HOTLINES)).all()
    return tuple((*row[:-1], json.dumps(row[-1], sort_keys=True)) for row in rows)


@lru_cache(maxsize=2_000)
def _calendar(content: str) -> Calendar:
    return parse_calendar(json.loads(content))


def _line(
    id: uuid.UUID,
    name: str,
    number: str,
    urgent_rank: int | None,
    calls_back: bool,
    minutes: int,
    calls: int,
    content: str,
) -> SupportLine:
    return SupportLine(id, name, number, urgent_rank, calls_back, SlotRules(minutes, calls), _calendar(content))


def home_region(ctx: Context) -> str:
    """The country in which numbers without a country's code are meant: that of the first hotline; '' without one."""
    found = lines(ctx)
    return region_of(found[0].number) if found else ""


def hotlines(ctx: Context) -> Sequence[Hotline]:
    """All hotlines, also those that are not in use, in their order."""
    rows = scope(ctx.actor, Hotline).order_by(Hotline.active.desc(), Hotline.position, Hotline.id)
    return ctx.session.scalars(rows.limit(100)).all()


def hotline(ctx: Context, hotline_id: Id, *, lock: bool = False) -> Hotline:
    """One hotline; NotFound otherwise."""
    return load(ctx, Hotline, Hotline.id == hotline_id, lock=lock)
