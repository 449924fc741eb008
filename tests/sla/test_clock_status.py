"""What a chip says is what the engine reckons: thresholds, pauses, closed support, broken promises."""

import datetime as dt
import uuid

import pytest

from portal.sla.engine import calendar as calendars
from portal.sla.engine import clock_status
from portal.sla.engine.clocks import Clock, Segment, Terms
from portal.sla.engine.policy import ClockKind, Track

UTC = dt.UTC
OFFICE = calendars.parse_calendar(
    {"zone": "Europe/Warsaw", "week": {day: ["09:00-18:00"] for day in calendars.WEEKDAYS[:5]}}
)
ID = uuid.UUID(int=1)


def minutes(n):
    return dt.timedelta(minutes=n)


def clock(start, *, seconds, always=True, segments=None, kind=ClockKind.FIRST_RESPONSE, outcome="", stopped=None):
    terms = Terms((Track(seconds, always),), (), None if always else ID)
    found = Clock(kind, 1, start, terms, segments or [Segment(start)], stopped, outcome)
    from portal.sla.engine import clocks

    found.due_at = clocks.due_time(found.segments, terms.tracks, OFFICE)
    return found


NOON = dt.datetime(2026, 11, 30, 11, 0, tzinfo=UTC)  # Monday, 12:00 in Warsaw


@pytest.mark.parametrize(
    ("left", "whole", "state"),
    [
        (240, 300, "on_track"),
        (75, 300, "due_soon"),
        (76, 300, "on_track"),
        (60, 100, "due_soon"),
        (61, 100, "on_track"),
        (300, 1200, "due_soon"),
        (120, 1200, "urgent"),
        (30, 60, "urgent"),
        (1, 60, "urgent"),
        (0, 60, "late"),
        (-1, 60, "late"),
    ],
)
def test_a_quarter_or_an_hour_is_soon_a_tenth_or_half_an_hour_is_urgent(left, whole, state):
    assert clock_status.urgency_of(minutes(left), minutes(whole)) == state


def test_elapsed_time_runs_day_and_night():
    status = clock_status.read_clock(clock(NOON, seconds=4 * 3600), None, NOON + minutes(30))
    assert (status.state, status.left, status.working) == ("on_track", minutes(210), False)
    assert status.due == NOON + minutes(240)


def test_a_late_clock_says_by_how_much():
    status = clock_status.read_clock(clock(NOON, seconds=3600), None, NOON + minutes(102))
    assert (status.state, status.left) == ("late", -minutes(42))


def test_working_time_counts_what_support_works():
    friday = dt.datetime(2026, 11, 27, 16, 0, tzinfo=UTC)  # 17:00 in Warsaw, an hour before closing
    status = clock_status.read_clock(clock(friday, seconds=4 * 3600, always=False), OFFICE, friday)
    assert status.working and status.left == minutes(240)
    assert status.due == dt.datetime(2026, 11, 30, 11, 0, tzinfo=UTC)
    assert status.until == friday + minutes(60), "the browser must stop counting when support closes"
    assert status.opens == dt.datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


def test_outside_hours_it_stands_still_and_says_until_when():
    friday = dt.datetime(2026, 11, 27, 16, 0, tzinfo=UTC)
    status = clock_status.read_clock(clock(friday, seconds=4 * 3600, always=False), OFFICE, friday + minutes(180))
    assert (status.state, status.chip_state) == ("closed", "paused")
    assert status.opens == dt.datetime(2026, 11, 30, 8, 0, tzinfo=UTC) and status.left == minutes(180)


def test_a_broken_promise_is_late_around_the_clock():
    friday = dt.datetime(2026, 11, 27, 15, 0, tzinfo=UTC)
    status = clock_status.read_clock(clock(friday, seconds=3600, always=False), OFFICE, friday + minutes(60 * 24))
    assert status.state == "late" and status.left == -minutes(60 * 23)


@pytest.mark.check(48, "both nights of a year")
def test_a_night_on_which_the_clock_jumps_is_as_long_as_it_is():
    evening = dt.datetime(2026, 3, 28, 22, 0, tzinfo=UTC)  # the night in which Warsaw loses an hour
    status = clock_status.read_clock(clock(evening, seconds=6 * 3600), None, evening + minutes(240))
    assert status.left == minutes(120)


def test_waiting_stops_the_clock_with_its_reason():
    segments = [Segment(NOON, NOON + minutes(60)), Segment(NOON + minutes(60), None, "waiting", "Ana Silva")]
    found = clock(NOON, seconds=4 * 3600, segments=segments, kind=ClockKind.RESOLUTION)
    status = clock_status.read_clock(found, None, NOON + minutes(600))
    assert (status.state, status.why, status.due) == ("paused", "waiting", None)
    assert status.left == minutes(180) and status.since == NOON + minutes(60)


def test_of_two_targets_the_earlier_one_is_shown():
    night = dt.datetime(2026, 11, 30, 20, 0, tzinfo=UTC)  # 21:00 in Warsaw
    found = clock(night, seconds=3600, always=False)
    found.terms = Terms((Track(3600, False), Track(4 * 3600, True)), (), ID)
    found.due_at = night + minutes(240)
    status = clock_status.read_clock(found, OFFICE, night + minutes(60))
    assert not status.working and status.left == minutes(180)


@pytest.mark.parametrize(("outcome", "after", "state"), [("met", 19, "met"), ("missed", 84, "missed")])
def test_a_clock_that_stopped_says_how_it_went(outcome, after, state):
    end = NOON + minutes(after)
    found = clock(NOON, seconds=3600, segments=[Segment(NOON, end)], outcome=outcome, stopped=end)
    status = clock_status.read_clock(found, None, NOON + minutes(9999))
    assert status.state == state
    assert status.left == (minutes(19) if state == "met" else -minutes(24))


def test_a_reply_in_the_night_took_the_time_that_its_promise_counted():
    night = dt.datetime(2026, 11, 30, 20, 0, tzinfo=UTC)  # 21:00 in Warsaw
    end = night + minutes(16)
    found = clock(night, seconds=3600, always=False, segments=[Segment(night, end)], outcome="met", stopped=end)
    found.terms = Terms((Track(3600, False), Track(4 * 3600, True)), (), ID)
    assert clock_status.read_clock(found, OFFICE, end).left == minutes(16)
