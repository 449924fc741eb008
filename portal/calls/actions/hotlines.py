"""Writes on hotlines."""

from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.calls.engine.slots import LENGTHS
from portal.calls.models import Hotline
from portal.calls.queries.hotlines import MOST_HOTLINES, home_region, hotlines, lines
from portal.cases.queries.severity_levels import severity_levels
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.kernel.phone_numbers import is_hotline, parse_number, show_number
from portal.sla.queries.calendars import calendars


@dataclass(frozen=True, slots=True)
class HotlineFacts:
    """What an administrator says of a hotline. `number` is as it was written."""

    name: str
    number: str
    calendar_id: Id | None
    urgent_rank: int | None = None
    position: int = 1
    active: bool = True
    calls_back: bool = True
    slot_minutes: int = 30
    slot_calls: int = 1


def add_hotline(ctx: Context, facts: HotlineFacts) -> Hotline:
    """Store a new hotline; records `hotline.added`. Raises Refused for a number that cannot be dialed, one that is
    there already, or hours that are not offered."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if len(hotlines(ctx)) >= MOST_HOTLINES:
        raise Refused(_("There can be %(limit)d numbers", limit=MOST_HOTLINES))
    row = Hotline(provider_id=ctx.provider_id, created_at=ctx.now, version=1, **_columns(ctx, facts, None))
    ctx.session.add(row)
    ctx.session.flush()
    _name_first(ctx)
    record(ctx, "hotline.added", row, number=row.number)
    return row


def change_hotline(ctx: Context, row: Hotline, facts: HotlineFacts) -> None:
    """Change *row*; records `hotline.changed` with the names of what changed. Raises Refused like `add_hotline`."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    columns = _columns(ctx, facts, row)
    changed = [name for name, value in columns.items() if getattr(row, name) != value]
    if not changed:
        return
    for name in changed:
        setattr(row, name, columns[name])
    row.version += 1
    ctx.session.flush()
    _name_first(ctx)
    record(ctx, "hotline.changed", row, changed=changed)


def _name_first(ctx: Context) -> None:
    """Let emails name the first hotline in use, too: they read the number of the provider, without hours."""
    found = lines(ctx)
    if found and ctx.provider.support_phone != found[0].shown_number:
        ctx.provider.support_phone = found[0].shown_number
        ctx.session.flush()


def _columns(ctx: Context, facts: HotlineFacts, row: Hotline | None) -> dict[str, Any]:
    number = parse_number(facts.number, home_region(ctx))
    if number is None or not is_hotline(number):
        raise Refused(_("Write a whole phone number with the country's code, like +48 22 100 20 30"), "number")
    if any(other.number == number and other is not row for other in hotlines(ctx)):
        raise Refused(_("%(number)s is there already", number=show_number(number)), "number")
    offered = {one.id for one in calendars(ctx)} | ({row.calendar_id} if row is not None else set())
    if facts.calendar_id not in offered:
        raise Refused(_("Choose support hours"), "calendar")
    ranks = {level.rank for level in severity_levels(ctx)}
    if facts.urgent_rank is not None and facts.urgent_rank not in ranks:
        raise Refused(_("Choose one of the severity levels"), "urgent_rank")
    if facts.slot_minutes not in LENGTHS:
        raise Refused(_("Choose one of the answers shown"), "slot_minutes")
    return {**asdict(facts), "number": number}
