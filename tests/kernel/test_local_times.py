"""Local times against a slower statement of the same rule: the first minute in UTC at which clocks there show it."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.local_times import SkippedTime, read_day, read_local_time

ZONES = ("Europe/Warsaw", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC", "America/Santiago")
DAY = dt.timedelta(days=1)
# Days around changes of the clock in 2026, and others.
DAYS = [dt.date(2026, month, day) for month in (3, 4, 9, 10, 11) for day in (1, 2, 5, 8, 25, 28, 29)]


def first_minute(local, zone):
    """By trying every minute of the days around; None where no clock there shows *local*."""
    start = (local - DAY).replace(tzinfo=dt.UTC)
    for minutes in range(3 * 24 * 60):
        moment = start + dt.timedelta(minutes=minutes)
        if moment.astimezone(zone).replace(tzinfo=None) == local:
            return moment
    return None


@given(st.sampled_from(ZONES), st.sampled_from(DAYS), st.integers(0, 24 * 4 - 1), st.sampled_from("T "))
def test_a_local_time_is_the_first_minute_at_which_clocks_show_it(name, day, quarter, between):
    zone = ZoneInfo(name)
    local = dt.datetime.combine(day, dt.time(quarter // 4, quarter % 4 * 15))
    expected = first_minute(local, zone)
    if expected is None:
        with pytest.raises(SkippedTime):
            read_local_time(local.isoformat(between), zone)
    else:
        assert read_local_time(f" {local.isoformat(between)} ", zone) == expected


@given(st.sampled_from(ZONES), st.sampled_from(DAYS))
def test_a_day_begins_where_the_one_before_is_over(name, day):
    zone = ZoneInfo(name)
    begins = read_day(day.isoformat(), zone)
    assert begins == read_day((day - DAY).isoformat(), zone, after=True)
    assert begins.astimezone(zone).date() == day
    assert (begins - dt.timedelta(minutes=1)).astimezone(zone).date() < day


def test_an_offset_of_its_own_counts():
    assert read_local_time("2026-11-25T09:00+05:00", ZoneInfo("Europe/Warsaw")) == dt.datetime(
        2026, 11, 25, 4, tzinfo=dt.UTC
    )


@pytest.mark.parametrize(
    "written", ["", "x", "2026-11-25", "2026-13-45 99:99", "9999-12-31T23:59-12:00", "0001-01-01T00:00+14:00", "\0"]
)
def test_anything_else_is_none(written):
    assert read_local_time(written, ZoneInfo("Europe/Warsaw")) is None


@pytest.mark.parametrize("written", ["", "x", "2026-13-45", "9999-12-31", "2026-11-25 09:00", "\u0661"])
def test_what_is_no_day_is_none(written):
    assert read_day(written, ZoneInfo("Europe/Warsaw"), after=True) is None
