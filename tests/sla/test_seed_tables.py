"""Both seed tables, cell by cell, through the presets' own files: in hours, out of hours, over a weekend, a holiday.

Times are the wall clock of the provider's zone. 2026-12-25 is a Friday and a holiday in the plan of S4; 2027-01-01 is
a Friday and a holiday in both; 2026-11-16 is a plain Monday.
"""

import datetime as dt
import tomllib
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from portal.sla.engine import calendar, policy
from portal.sla.engine.policy import ClockKind
from portal.sla.labels import durations

PRESETS = Path(__file__).resolve().parents[2] / "portal" / "presets"
IN_HOURS = "2026-11-16 10:00"
EVENING = "2026-11-16 20:00"
FRIDAY_LATE = "2026-11-20 17:30"
SATURDAY = "2026-11-21 11:00"
BEFORE_THE_HOLIDAY = "2026-12-31 17:30"  # a Thursday; the day after is a holiday, then comes the weekend
# preset: (policy key, zone of the provider)
SEEDS = {"hexasync": ("support", "Asia/Ho_Chi_Minh"), "platform": ("sla", "UTC")}

FIRST = {
    ("hexasync", 1): {  # 1 hour, around the clock
        IN_HOURS: "2026-11-16 11:00",
        EVENING: "2026-11-16 21:00",
        FRIDAY_LATE: "2026-11-20 18:30",
        SATURDAY: "2026-11-21 12:00",
        BEFORE_THE_HOLIDAY: "2026-12-31 18:30",
    },
    ("hexasync", 2): {  # 2 hours
        IN_HOURS: "2026-11-16 12:00",
        EVENING: "2026-11-17 11:00",
        FRIDAY_LATE: "2026-11-23 10:30",
        SATURDAY: "2026-11-23 11:00",
        BEFORE_THE_HOLIDAY: "2027-01-04 10:30",
    },
    ("hexasync", 3): {  # 1 business day
        IN_HOURS: "2026-11-17 10:00",
        EVENING: "2026-11-17 18:00",
        FRIDAY_LATE: "2026-11-23 17:30",
        SATURDAY: "2026-11-23 18:00",
        BEFORE_THE_HOLIDAY: "2027-01-04 17:30",
    },
    ("hexasync", 4): {  # 3 business days; Tuesday 24 November is a holiday in Vietnam
        IN_HOURS: "2026-11-19 10:00",
        EVENING: "2026-11-19 18:00",
        FRIDAY_LATE: "2026-11-26 17:30",
        SATURDAY: "2026-11-26 18:00",
        BEFORE_THE_HOLIDAY: "2027-01-06 17:30",
    },
    ("platform", 1): {  # 15 minutes, 24/7
        IN_HOURS: "2026-11-16 10:15",
        EVENING: "2026-11-16 20:15",
        FRIDAY_LATE: "2026-11-20 17:45",
        SATURDAY: "2026-11-21 11:15",
        BEFORE_THE_HOLIDAY: "2026-12-31 17:45",
    },
    ("platform", 2): {  # 1 hour in business hours or 4 hours outside: the earlier
        IN_HOURS: "2026-11-16 11:00",
        EVENING: "2026-11-17 00:00",
        FRIDAY_LATE: "2026-11-20 21:30",
        SATURDAY: "2026-11-21 15:00",
        BEFORE_THE_HOLIDAY: "2026-12-31 21:30",
    },
    ("platform", 3): {  # 4 hours, business hours only
        IN_HOURS: "2026-11-16 14:00",
        EVENING: "2026-11-17 13:00",
        FRIDAY_LATE: "2026-11-23 12:30",
        SATURDAY: "2026-11-23 13:00",
        BEFORE_THE_HOLIDAY: "2027-01-04 12:30",
    },
    ("platform", 4): {  # 1 business day
        IN_HOURS: "2026-11-17 10:00",
        EVENING: "2026-11-17 18:00",
        FRIDAY_LATE: "2026-11-23 17:30",
        SATURDAY: "2026-11-23 18:00",
        BEFORE_THE_HOLIDAY: "2027-01-04 17:30",
    },
}
RESOLUTION = {
    ("platform", 1): {  # 4 hours, around the clock
        IN_HOURS: "2026-11-16 14:00",
        EVENING: "2026-11-17 00:00",
        FRIDAY_LATE: "2026-11-20 21:30",
        SATURDAY: "2026-11-21 15:00",
        BEFORE_THE_HOLIDAY: "2026-12-31 21:30",
    },
    ("platform", 2): {  # 8 hours
        IN_HOURS: "2026-11-16 18:00",
        EVENING: "2026-11-17 17:00",
        FRIDAY_LATE: "2026-11-23 16:30",
        SATURDAY: "2026-11-23 17:00",
        BEFORE_THE_HOLIDAY: "2027-01-04 16:30",
    },
    ("platform", 3): {  # 1 business day
        IN_HOURS: "2026-11-17 10:00",
        EVENING: "2026-11-17 18:00",
        FRIDAY_LATE: "2026-11-23 17:30",
        SATURDAY: "2026-11-23 18:00",
        BEFORE_THE_HOLIDAY: "2027-01-04 17:30",
    },
    ("platform", 4): {  # 2-3 business days: three are promised
        IN_HOURS: "2026-11-19 10:00",
        EVENING: "2026-11-19 18:00",
        FRIDAY_LATE: "2026-11-25 17:30",
        SATURDAY: "2026-11-25 18:00",
        BEFORE_THE_HOLIDAY: "2027-01-06 17:30",
    },
}
AIM = {("platform", 4): {IN_HOURS: "2026-11-18 10:00", SATURDAY: "2026-11-24 18:00"}}
# From an answer at that moment on.
UPDATE = {
    ("hexasync", 1): {IN_HOURS: "2026-11-16 11:00", EVENING: "2026-11-16 21:00", SATURDAY: "2026-11-21 12:00"},
    ("hexasync", 2): {
        IN_HOURS: "2026-11-16 14:00",
        EVENING: "2026-11-17 13:00",
        FRIDAY_LATE: "2026-11-23 12:30",
        BEFORE_THE_HOLIDAY: "2027-01-04 12:30",
    },
    ("hexasync", 3): {IN_HOURS: "2026-11-23 10:00", FRIDAY_LATE: "2026-11-27 17:30"},
    ("hexasync", 4): {IN_HOURS: "2026-11-30 10:00", FRIDAY_LATE: "2026-12-04 17:30"},
    ("platform", 1): {IN_HOURS: "2026-11-16 11:00", EVENING: "2026-11-16 21:00", SATURDAY: "2026-11-21 12:00"},
}
CELLS = [
    (kind, preset, rank, opened, due)
    for kind, table in (
        (ClockKind.FIRST_RESPONSE, FIRST),
        (ClockKind.RESOLUTION, RESOLUTION),
        (ClockKind.NEXT_UPDATE, UPDATE),
        ("aim", AIM),
    )
    for (preset, rank), cells in table.items()
    for opened, due in cells.items()
]


def plan(preset):
    return tomllib.loads((PRESETS / preset / "sla.toml").read_text())


def agreed(preset):
    """The policy and calendar of a preset, as `import_config.apply_config` makes them."""
    key, zone = SEEDS[preset]
    data = plan(preset)
    found = data["policies"][key]
    hours = {"zone": zone, **data["calendars"][found["calendar"]]}
    return policy.parse_policy(found), calendar.parse_calendar(hours)


@pytest.mark.parametrize(("kind", "preset", "rank", "opened", "due"), CELLS)
def test_every_cell(kind, preset, rank, opened, due):
    promised, hours = agreed(preset)
    zone = ZoneInfo(hours.zone)
    start = dt.datetime.fromisoformat(opened).replace(tzinfo=zone)
    promise = promised.promise(rank)
    target = promise.aim if kind == "aim" else promise.target(kind)
    found = target.due(hours, start.astimezone(dt.UTC)).astimezone(zone)
    assert found.strftime("%Y-%m-%d %H:%M") == due


@pytest.mark.parametrize(
    ("preset", "rank", "kind", "said"),
    [
        ("hexasync", 1, "first_response", "1 hour, day and night"),
        ("hexasync", 2, "first_response", "2 hours in support hours"),
        ("hexasync", 3, "first_response", "1 business day"),
        ("hexasync", 4, "first_response", "3 business days"),
        ("hexasync", 1, "next_update", "every hour, day and night"),
        ("hexasync", 2, "next_update", "every 4 hours in support hours"),
        ("hexasync", 3, "next_update", "every week"),
        ("hexasync", 4, "next_update", "every 2 weeks"),
        ("platform", 1, "first_response", "15 minutes, day and night"),
        ("platform", 1, "resolution", "4 hours, day and night"),
        ("platform", 1, "next_update", "every hour, day and night"),
        ("platform", 2, "first_response", "1 hour in support hours, 4 hours outside"),
        ("platform", 2, "resolution", "8 hours in support hours"),
        ("platform", 3, "first_response", "4 hours in support hours"),
        ("platform", 3, "resolution", "1 business day"),
        ("platform", 4, "first_response", "1 business day"),
        ("platform", 4, "resolution", "3 business days"),
        ("platform", 4, "aim", "2 business days"),
    ],
)
def test_customers_read_the_numbers_of_the_seed(world, preset, rank, kind, said):
    promise = agreed(preset)[0].promise(rank)
    if kind == "next_update":
        assert durations.rhythm_label(promise.target(ClockKind(kind))) == said
    else:
        assert durations.target_label(promise.aim if kind == "aim" else promise.target(ClockKind(kind))) == said


def test_what_the_seeds_do_not_promise_is_not_promised():
    hexasync, platform = agreed("hexasync")[0], agreed("platform")[0]
    assert all(hexasync.promise(rank).resolution is None for rank in (1, 2, 3, 4))
    assert all(platform.promise(rank).next_update is None for rank in (2, 3, 4))


@pytest.mark.parametrize("preset", sorted(path.parent.name for path in PRESETS.glob("*/sla.toml")))
def test_every_preset_installs(world, preset):
    """Through the same actions as people, on a provider that had nothing."""
    from portal.sla import import_config
    from portal.sla.queries.assignments import agreement
    from portal.tenants.models import Account

    import_config.apply_config(world.system(world.southgate), plan(preset))
    rob = world.ctx("rob", "contact")
    found = agreement(rob, rob.session.get(Account, world.southgate.accounts["ACME"].id))
    assert found.effective.agreed and found.calendar is not None
    assert all(found.policy.promise(rank).first_response is not None for rank in (1, 2, 3, 4))
