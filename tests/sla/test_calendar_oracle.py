"""Calendar arithmetic against counting minutes one by one: zones, both clock changes, midnights, holidays, one-offs."""

import datetime as dt

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.sla.engine.calendar import NeverOpen, parse_calendar
from tests.sla import calendar_oracle, strategies

SOME = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
DAYS = 2 * 1440


@SOME
@given(st.data())
def test_between_counts_the_open_minutes(data):
    start = data.draw(strategies.moments())
    calendar = data.draw(strategies.calendars(start))
    end = start + dt.timedelta(minutes=data.draw(st.integers(0, DAYS)))
    assert calendar.between(start, end) == calendar_oracle.between(calendar, start, end)


@SOME
@given(st.data())
def test_add_finds_the_first_moment_with_so_much_open_time(data):
    start = data.draw(strategies.moments())
    calendar = data.draw(strategies.calendars(start))
    minutes = data.draw(st.integers(0, 600))
    expected = calendar_oracle.add(calendar, start, minutes, 2 * DAYS)
    if expected is not None:
        assert calendar.add(start, dt.timedelta(minutes=minutes)) == expected


@SOME
@given(st.data())
def test_open_and_next_opening(data):
    at = data.draw(strategies.moments())
    calendar = data.draw(strategies.calendars(at))
    assert calendar.is_open(at) == calendar_oracle.is_open(calendar, at)
    found = calendar.next_opening(at)
    probe = at
    while probe < found and probe < at + dt.timedelta(minutes=DAYS):
        assert not calendar_oracle.is_open(calendar, probe)
        probe += calendar_oracle.MINUTE
    assert calendar.is_open(found)
    if calendar.is_open(at):
        closing = calendar.next_closing(at)
        assert not calendar.is_open(closing)
        assert calendar.between(at, closing) == closing - at


@SOME
@given(st.data())
def test_time_added_is_time_between(data):
    """To the microsecond, also over years."""
    start = data.draw(strategies.moments()) + dt.timedelta(microseconds=data.draw(st.integers(0, 60_000_000)))
    calendar = data.draw(strategies.calendars(start))
    working = dt.timedelta(microseconds=data.draw(st.integers(1, 4000 * 3_600_000_000)))
    try:
        end = calendar.add(start, working)
    except NeverOpen:
        return
    assert calendar.between(start, end) == working
    assert calendar.between(start, end - dt.timedelta(microseconds=1)) == working - dt.timedelta(microseconds=1)


@SOME
@given(st.data())
def test_a_calendar_survives_its_data(data):
    calendar = data.draw(strategies.calendars(data.draw(strategies.moments())))
    assert parse_calendar(calendar.data()) == calendar
