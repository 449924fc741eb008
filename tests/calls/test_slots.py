"""Slots of a hotline against looking at every minute: zones, clock changes, holidays, one-offs (FEATURES 2.6)."""

import datetime as dt

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.calls.engine import slots
from portal.calls.engine.slots import SlotRules, free_slots
from portal.sla.engine.calendar import Calendar, OneOff
from tests.sla import calendar_oracle, strategies

SOME = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
MINUTE = dt.timedelta(minutes=1)
# The oracle looks at every minute, so it looks at two days.
DAYS = dt.timedelta(days=2)


def oracle(calendar, rules, now, taken, until):
    """Every minute that is a whole multiple of the length, near enough, and followed by open minutes only."""
    found, at = [], now.replace(second=0, microsecond=0)
    while at <= until:
        seconds = int(at.timestamp())
        if seconds % (rules.minutes * 60) == 0 and at >= now + slots.LEAD:
            whole = all(calendar_oracle.is_open(calendar, at + n * MINUTE) for n in range(rules.minutes))
            if whole and taken.get(at, 0) < rules.calls:
                found.append(at)
        at += MINUTE
    return found


@SOME
@given(st.data())
def test_h7_slots_are_those_that_a_look_at_every_minute_finds(data):
    now = data.draw(strategies.moments()) + dt.timedelta(seconds=data.draw(st.sampled_from((0, 1, 59))))
    calendar = data.draw(strategies.calendars(now))
    rules = SlotRules(data.draw(st.sampled_from(slots.LENGTHS)), data.draw(st.integers(1, 2)))
    until = now + DAYS
    some = oracle(calendar, rules, now, {}, until)
    picked = data.draw(st.lists(st.sampled_from(some), max_size=4)) if some else []
    taken = {at: picked.count(at) for at in picked}
    found = free_slots(calendar, rules, now, taken)
    expected = oracle(calendar, rules, now, taken, until)
    assert [at for at in found if at <= until] == expected[: slots.MOST]
    assert found == sorted(set(found))
    assert len(found) <= slots.MOST
    assert all(at <= now + slots.AHEAD for at in found)


def test_h7_the_hour_that_a_clock_change_skips_holds_no_slot():
    """On 29 March 2026 the clock in Warsaw goes from two to three at 01:00 UTC."""
    calendar = Calendar(zone="Europe/Warsaw", week=((),) * 6 + (((60, 240),),))
    now = dt.datetime(2026, 3, 28, 12, tzinfo=dt.UTC)
    shown = [f"{at:%d %H:%M}" for at in free_slots(calendar, SlotRules(60), now, {})]
    assert shown[:2] == ["29 00:00", "29 01:00"]
    assert not [at for at in shown if at.startswith("29")][2:]


def test_h7_a_calendar_that_opens_no_more_has_no_slots():
    closed = Calendar(one_offs=(OneOff(dt.date(2020, 1, 1), 540, 600, open=True),))
    assert free_slots(closed, SlotRules(), dt.datetime(2026, 1, 1, tzinfo=dt.UTC), {}) == []
