"""The arithmetic of worked time, for any input."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.time_entries.rules import (
    LONGEST,
    LONGEST_SECONDS,
    measured_seconds,
    read_minutes,
    rounded_minutes,
    write_minutes,
)

NOON = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)


@given(st.integers(1, LONGEST))
def test_what_a_form_shows_is_read_as_the_same_minutes(minutes):
    assert read_minutes(write_minutes(minutes)) == minutes


@given(st.text(max_size=30) | st.from_regex(r"\s*\d{0,4}\s*[h:]?\s*\d{0,4}\s*(m|min)?", fullmatch=True))
def test_whatever_is_written_is_nothing_or_an_entry_that_fits(written):
    minutes = read_minutes(written)
    assert minutes is None or 1 <= minutes <= LONGEST


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        *(("45", 45), ("1:30", 90), ("0:05", 5), ("1h", 60), ("1 h 30", 90), ("1h 30min", 90), (" 20 min ", 20)),
        *(("24:00", 1440), ("1440", 1440), ("", None), ("0", None), ("0:00", None), ("1441", None), ("24:01", None)),
        *(("1:60", None), ("-5", None), ("1.5", None), ("an hour", None), ("h", None), ("٤٥", None), ("999h", None)),
    ],
)
def test_minutes_that_people_write(written, minutes):
    assert read_minutes(written) == minutes


@given(
    st.integers(0, LONGEST_SECONDS),
    st.lists(st.tuples(st.integers(0, 40_000), st.integers(0, 40_000)), max_size=6),
)
def test_a_timer_measures_the_time_in_which_it_runs_and_no_more_than_a_day(kept, runs):
    """Each run starts after a pause; what was kept never shrinks, and stopping twice adds nothing."""
    now, seconds = NOON, kept
    for pause, length in runs:
        started = now + dt.timedelta(seconds=pause)
        now = started + dt.timedelta(seconds=length)
        after = measured_seconds(seconds, started, now)
        assert after == min(seconds + length, LONGEST_SECONDS)
        assert measured_seconds(after, None, now + dt.timedelta(days=3)) == after
        seconds = after
    assert seconds == min(kept + sum(length for _pause, length in runs), LONGEST_SECONDS)


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_a_clock_that_went_back_takes_nothing_away(kept, back):
    kept = min(kept, LONGEST_SECONDS)
    assert measured_seconds(kept, NOON, NOON - dt.timedelta(seconds=back)) == kept


@given(st.integers(0, LONGEST_SECONDS))
def test_rounded_minutes_are_the_nearest_and_fit_an_entry(seconds):
    minutes = rounded_minutes(seconds)
    assert 1 <= minutes <= LONGEST
    assert seconds < 30 or abs(minutes * 60 - seconds) <= 30
    assert rounded_minutes(min(seconds + 1, LONGEST_SECONDS)) >= minutes
