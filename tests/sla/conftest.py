"""Time at will, and it stands still: promises are read at moments that the tests choose, in Warsaw, where Northwind
counts."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from portal.kernel import clock

WARSAW = ZoneInfo("Europe/Warsaw")


@pytest.fixture
def at(travel, monkeypatch):
    """`at("2026-11-30 10:00")` moves the clock to that moment in Warsaw; `at("10:30")` to that time of the same day."""

    def move(moment: str) -> dt.datetime:
        here = clock.now().astimezone(WARSAW)
        wanted = dt.datetime.fromisoformat(moment if "-" in moment else f"{here.date()} {moment}")
        there = wanted.replace(tzinfo=WARSAW).astimezone(dt.UTC)
        travel(seconds=(there - clock.now()).total_seconds())
        monkeypatch.setattr(clock, "now", lambda: there)
        return there

    return move


@pytest.fixture
def monday(at):
    """Ten o'clock on a working Monday."""
    return at("2026-11-30 10:00")
