"""Random calendars, moments and histories, weighted towards where it hurts: clock changes, midnights, holidays."""

import datetime as dt

from hypothesis import strategies as st

from portal.sla.engine.calendar import DAY, Calendar, OneOff

ZONES = (
    "Europe/Berlin",
    "Europe/Warsaw",
    "America/Sao_Paulo",
    "Asia/Tehran",
    "Australia/Sydney",
    "Asia/Ho_Chi_Minh",
    "Asia/Kathmandu",
    "UTC",
)
# UTC evenings before clock changes: Berlin, Warsaw, Sydney, São Paulo (at midnight, until 2019), Tehran (until 2022).
NIGHTS = (
    *("2026-03-28T20", "2026-10-24T20", "2027-03-27T20", "2026-04-04T10", "2026-10-03T10"),
    *("2018-02-17T20", "2018-11-03T20", "2019-02-16T20", "2021-03-21T16", "2021-09-21T16", "2022-03-21T16"),
    *("2026-12-24T12", "2026-12-31T12", "2028-02-28T12"),
)
COUNTRY = {
    "Europe/Berlin": "DE",
    "Europe/Warsaw": "PL",
    "America/Sao_Paulo": "BR",
    "Australia/Sydney": "AU",
    "Asia/Ho_Chi_Minh": "VN",
}


@st.composite
def intervals(draw) -> tuple[tuple[int, int], ...]:
    """None to three openings of one day, some past midnight, some overlapping."""
    found = []
    for _ in range(draw(st.sampled_from((0, 1, 1, 1, 2, 3)))):
        start = draw(st.one_of(st.sampled_from((0, 60, 120, 150, 540, 1320, 1439)), st.integers(0, DAY - 1)))
        found.append((start, start + draw(st.one_of(st.sampled_from((1, 60, 480, 540, DAY)), st.integers(1, DAY)))))
    return tuple(sorted(found))


@st.composite
def moments(draw) -> dt.datetime:
    """A whole UTC minute near a clock change or a feast, or anywhere from 2015 to 2030."""
    if draw(st.booleans()):
        night = dt.datetime.fromisoformat(draw(st.sampled_from(NIGHTS))).replace(tzinfo=dt.UTC)
        return night + dt.timedelta(minutes=draw(st.integers(-600, 1200)))
    start = dt.datetime(2015, 1, 1, tzinfo=dt.UTC)
    return start + dt.timedelta(minutes=draw(st.integers(0, 15 * 365 * DAY)))


@st.composite
def calendars(draw, near: dt.datetime) -> Calendar:
    """A calendar that opens at some time, with holidays and one-offs around *near*."""
    zone = draw(st.sampled_from(ZONES))
    week = tuple(draw(intervals()) for _ in range(7))
    if not any(week):
        week = (((540, 1080),), *week[1:])
    days = st.integers(-3, 5).map(lambda n: near.date() + dt.timedelta(days=n))
    one_offs = []
    for day in draw(st.lists(days, max_size=3)):
        start = draw(st.integers(0, DAY - 1))
        one_offs.append(OneOff(day, start, start + draw(st.integers(1, DAY)), draw(st.booleans())))
    by_hand = draw(st.lists(days, max_size=3))
    written = tuple(f"{day:%m-%d}" if draw(st.booleans()) else day.isoformat() for day in by_hand)
    country = COUNTRY.get(zone, "") if draw(st.booleans()) else ""
    return Calendar(zone, week, country, "", written, tuple(one_offs))
