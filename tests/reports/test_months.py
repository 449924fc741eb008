"""Months of a zone, against a walk through every hour; shares in per cent."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.reports.engine.months import list_months, percent

ZONES = ["Europe/Warsaw", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "UTC"]


@given(
    st.datetimes(dt.datetime(2011, 1, 1), dt.datetime(2040, 1, 1), timezones=st.just(dt.UTC)),
    st.sampled_from(ZONES),
    st.integers(1, 30),
)
def test_months_join_without_gap_and_hold_their_moments(now, name, count):
    zone = ZoneInfo(name)
    months = list_months(now, zone, count)
    assert len(months) == count and months[-1].start <= now < months[-1].end
    assert [month.end for month in months[:-1]] == [month.start for month in months[1:]]
    for month in months:
        for moment in (month.start, month.start + (month.end - month.start) / 3, month.end - dt.timedelta(seconds=1)):
            assert moment.astimezone(zone).strftime("%Y-%m") == month.key


@given(st.integers(0, 400), st.integers(0, 400))
def test_percent_is_rounded_and_never_all_or_none_by_rounding(part, whole):
    part = min(part, whole)
    shown = percent(part, whole)
    if not whole:
        assert shown is None
    else:
        assert abs(shown - 100 * part / whole) <= (0.5 if 0 < shown < 100 and shown not in (1, 99) else 1)
        assert (shown == 100) == (part == whole) and (shown == 0) == (part == 0)


@pytest.mark.parametrize(("part", "whole", "shown"), [(1, 3, 33), (1, 8, 13), (999, 1000, 99), (1, 1000, 1)])
def test_percent(part, whole, shown):
    assert percent(part, whole) == shown
