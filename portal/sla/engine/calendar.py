"""Working time, pure: when a provider's support is open, and how much open time is between two moments.

A minute is open exactly when the local time of the zone is inside the intervals of that day. Working time is elapsed
time of open minutes, so a night with a clock change has its real length. A holiday closes its whole local date; a
one-off opening overrides it, a one-off closing overrides both.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from portal.kernel.errors import RuleProblem
from portal.sla.engine.open_time import DAY, EPOCH, MICROSECOND, OpenTime

Interval = tuple[int, int]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class CalendarFault(StrEnum):
    """Why a calendar cannot be counted with; `sla.refusals` has the sentences."""

    UNKNOWN_WEEKDAY = "unknown_weekday"
    NO_WEEK = "no_week"
    NO_TIME_OF_DAY = "no_time_of_day"
    START_AFTER_DAY = "start_after_day"
    WRONG_LENGTH = "wrong_length"
    NO_DAY_OF_ONE_OFF = "no_day_of_one_off"
    NO_SPAN_OF_ONE_OFF = "no_span_of_one_off"
    NO_HOLIDAY_DATE = "no_holiday_date"
    UNKNOWN_HOLIDAYS = "unknown_holidays"
    UNKNOWN_REGION = "unknown_region"
    UNKNOWN_ZONE = "unknown_zone"
    LONG_BUSINESS_DAY = "long_business_day"
    NO_OPENING = "no_opening"
    TOO_FEW_OPENINGS = "too_few_openings"
    NO_FURTHER_OPENING = "no_further_opening"


class CalendarProblem(RuleProblem):
    """A calendar that cannot be counted with; *code* is a CalendarFault."""


class NeverOpen(CalendarProblem):
    """The calendar has openings, but not enough of them after that moment."""


@dataclass(frozen=True, slots=True)
class OneOff:
    """A single opening or closing: minutes since midnight of *day*, up to 2880 for past midnight."""

    day: dt.date
    start: int
    end: int
    open: bool
    why: str = ""


@dataclass(frozen=True)
class Calendar:
    """Support hours. `week` has seven tuples of (start, end) in minutes since midnight, Monday first; an end past 1440
    goes on in the next day. `holidays` are "2026-12-24", or "12-24" for each year; `country` and `region` add the
    public ones. The constructor raises CalendarProblem, so every value of this type can be counted with.
    """

    zone: str = "UTC"
    week: tuple[tuple[Interval, ...], ...] = ((),) * 7
    country: str = ""
    region: str = ""
    holidays: tuple[str, ...] = ()
    one_offs: tuple[OneOff, ...] = ()
    always: bool = False
    # Minutes of a business day; 0: as long as most days of the week are.
    day_minutes: int = 0
    _openings: OpenTime = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        check_calendar(self)
        object.__setattr__(
            self,
            "_openings",
            OpenTime(
                ZoneInfo(self.zone),
                self.week,
                self._is_holiday,
                [(o.day, o.start, o.end, o.open) for o in self.one_offs],
            ),
        )

    # -- counting -----------------------------------------------------------------------------------------------------

    def add(self, start: dt.datetime, working: dt.timedelta) -> dt.datetime:
        """The first moment at which *working* open time has passed since *start*; *start* itself for none.

        Raises NeverOpen if that moment does not come within a lifetime, ValueError for negative time.
        """
        if working.days < 0:
            raise ValueError("working time does not run backwards")
        if start.tzinfo is not dt.UTC:  # local times do not add up over a clock change
            start = start.astimezone(dt.UTC)
        if self.always:
            return start + working
        begun, wanted = (start - EPOCH) // MICROSECOND, working // MICROSECOND
        found = self._openings.add(begun, wanted)
        if found is None:
            raise NeverOpen(CalendarFault.TOO_FEW_OPENINGS)
        # Most deadlines are within the opening in which they begin.
        return start + working if found - begun == wanted else EPOCH + dt.timedelta(microseconds=found)

    def between(self, start: dt.datetime, end: dt.datetime) -> dt.timedelta:
        """The open time between two moments; zero if *end* is not after *start*."""
        if end <= start:
            return dt.timedelta(0)
        if self.always:
            return end.astimezone(dt.UTC) - start.astimezone(dt.UTC)
        counted = self._openings.between((start - EPOCH) // MICROSECOND, (end - EPOCH) // MICROSECOND)
        return dt.timedelta(microseconds=counted)

    def is_open(self, at: dt.datetime) -> bool:
        """Whether support is open at that moment (the moment of closing is not)."""
        return self.always or self._openings.is_open((at - EPOCH) // MICROSECOND)

    def next_opening(self, at: dt.datetime) -> dt.datetime:
        """*at* if it is open, else the next moment that is. Raises NeverOpen if there is none."""
        if self.always:
            return at
        found = self._openings.next_opening((at - EPOCH) // MICROSECOND)
        if found is None:
            raise NeverOpen(CalendarFault.NO_FURTHER_OPENING)
        return EPOCH + dt.timedelta(microseconds=found)

    def next_closing(self, at: dt.datetime) -> dt.datetime | None:
        """The end of the opening at *at*; None for always open, *at* while closed."""
        if self.always:
            return None
        return EPOCH + dt.timedelta(microseconds=self._openings.next_closing((at - EPOCH) // MICROSECOND))

    # -- days ---------------------------------------------------------------------------------------------------------

    @property
    def business_day(self) -> dt.timedelta:
        """The standard day in working time: Mon–Fri 9–18 is 9 hours, always open 24."""
        return dt.timedelta(minutes=self.day_minutes or standard_day_minutes(self))

    def hours_on(self, day: dt.date) -> list[Interval]:
        """The open intervals of a local date in minutes since midnight, [0, 1440]; empty when closed."""
        return [(0, DAY)] if self.always else self._openings.intervals_on(day)

    def local(self, at: dt.datetime) -> dt.datetime:
        """*at* in the local time of the calendar's zone."""
        return at.astimezone(ZoneInfo(self.zone))

    def holiday_name(self, day: dt.date, language: str = "") -> str:
        """The name of the holiday on *day* (UNNAMED_HOLIDAY for a bare date), or ''; see `public_holidays`."""
        if self.country and (name := public_holidays(self.country, self.region, day.year, language).get(day)):
            return name
        return UNNAMED_HOLIDAY if self._is_holiday(day) else ""

    def holidays_ahead(self, day: dt.date, count: int = 5, language: str = "") -> list[tuple[dt.date, str]]:
        """The next *count* holidays from *day* on, within a year."""
        dates = (day + dt.timedelta(days=n) for n in range(366))
        found = [(date, name) for date in dates if not self.always and (name := self.holiday_name(date, language))]
        return found[:count]

    def _is_holiday(self, day: dt.date) -> bool:
        if f"{day:%m-%d}" in self.holidays or day.isoformat() in self.holidays:
            return True
        return bool(self.country) and day in public_holidays(self.country, self.region, day.year)

    # -- data ---------------------------------------------------------------------------------------------------------

    def data(self) -> dict[str, Any]:
        """The calendar as JSON; `parse_calendar` reads it."""
        return {
            "zone": self.zone,
            "week": {
                name: [format_interval(*i) for i in day] for name, day in zip(WEEKDAYS, self.week, strict=True) if day
            },
            "country": self.country,
            "region": self.region,
            "holidays": list(self.holidays),
            "one_offs": [
                {"day": o.day.isoformat(), "hours": format_interval(o.start, o.end), "open": o.open, "why": o.why}
                for o in self.one_offs
            ],
            "always": self.always,
            "day_minutes": self.day_minutes,
        }


def parse_calendar(data: Mapping[str, Any]) -> Calendar:
    """The calendar that *data* describes. Raises CalendarProblem with the field."""
    week = data.get("week") or {}
    if not isinstance(week, Mapping) or set(week) - set(WEEKDAYS):
        raise CalendarProblem(CalendarFault.UNKNOWN_WEEKDAY, "week")
    return Calendar(
        zone=str(data.get("zone") or "UTC"),
        week=tuple(tuple(parse_intervals(week.get(name, ()), f"week.{name}")) for name in WEEKDAYS),
        country=str(data.get("country") or "").upper(),
        region=str(data.get("region") or ""),
        holidays=tuple(str(day) for day in data.get("holidays") or ()),
        one_offs=tuple(parse_one_off(each) for each in data.get("one_offs") or ()),
        always=bool(data.get("always")),
        day_minutes=int(data.get("day_minutes") or 0),
    )


def parse_one_off(data: Mapping[str, Any]) -> OneOff:
    """A single opening or closing from {day, hours ("09:00-12:00", '' for the whole day), open, why}."""
    try:
        day = dt.date.fromisoformat(str(data["day"]))
    except (KeyError, ValueError):
        raise CalendarProblem(CalendarFault.NO_DAY_OF_ONE_OFF, "one_offs") from None
    hours = parse_intervals(str(data.get("hours") or "00:00-24:00"), "one_offs")
    if len(hours) != 1:
        raise CalendarProblem(CalendarFault.NO_SPAN_OF_ONE_OFF, "one_offs")
    return OneOff(day, *hours[0], bool(data.get("open")), str(data.get("why") or ""))


def parse_intervals(written: str | Iterable[str], where: str = "week") -> list[Interval]:
    """Intervals from "09:00-12:00, 13:00-18:00" or a list of such spans; 22:00-06:00 goes on after midnight."""
    spans = written.split(",") if isinstance(written, str) else list(written)
    return sorted(_parse_interval(str(one).strip(), where) for one in spans if str(one).strip())


def _parse_interval(written: str, where: str) -> Interval:
    start, _dash, end = written.replace("–", "-").partition("-")
    first, last = _parse_minute(start, where), _parse_minute(end, where)
    if first == DAY:
        raise CalendarProblem(CalendarFault.START_AFTER_DAY, where, written=written)
    return (first, last if last > first else last + DAY)


def _parse_minute(written: str, where: str) -> int:
    hours, _colon, minutes = written.strip().partition(":")
    if hours.isdecimal() and (minutes.isdecimal() or not minutes) and len(hours) <= 2 and len(minutes) <= 2:
        found = int(hours) * 60 + int(minutes or 0)
        if int(minutes or 0) < 60 and found <= DAY:
            return found
    raise CalendarProblem(CalendarFault.NO_TIME_OF_DAY, where, written=written)


def format_interval(start: int, end: int) -> str:
    """(540, 1080) as "09:00-18:00"; past midnight as the next day's time."""
    shown = end if end <= DAY else end - DAY
    return f"{start // 60:02}:{start % 60:02}-{shown // 60:02}:{shown % 60:02}"


def check_calendar(calendar: Calendar) -> None:
    """Raise CalendarProblem, with the field, for values that cannot be counted with."""
    if calendar.zone not in known_zones():
        raise CalendarProblem(CalendarFault.UNKNOWN_ZONE, "zone", written=calendar.zone)
    if len(calendar.week) != 7:
        raise CalendarProblem(CalendarFault.NO_WEEK, "week")
    spans = [i for day in calendar.week for i in day] + [(o.start, o.end) for o in calendar.one_offs]
    if any(not (0 <= start < DAY and start < end <= start + DAY) for start, end in spans):
        raise CalendarProblem(CalendarFault.WRONG_LENGTH, "week")
    for day in calendar.holidays:
        _check_holiday(day)
    if calendar.country:
        public_holidays(calendar.country, calendar.region, 2026)
    if not 0 <= calendar.day_minutes <= DAY:
        raise CalendarProblem(CalendarFault.LONG_BUSINESS_DAY, "day_minutes")
    if not calendar.always and not any(calendar.week) and not any(o.open for o in calendar.one_offs):
        raise CalendarProblem(CalendarFault.NO_OPENING, "week")


def _check_holiday(day: str) -> None:
    try:
        dt.date.fromisoformat(day if len(day) == 10 else f"2024-{day}")
    except ValueError:
        raise CalendarProblem(CalendarFault.NO_HOLIDAY_DATE, "holidays", written=day) from None


def standard_day_minutes(calendar: Calendar) -> int:
    """Minutes of the day that most days of the week are; of two that are as many, the longer."""
    if calendar.always:
        return DAY
    lengths = Counter(sum(end - start for start, end in day) for day in calendar.week if day)
    if not lengths:
        return max(o.end - o.start for o in calendar.one_offs if o.open)
    most = max(lengths.values())
    return max(length for length, times in lengths.items() if times == most)


@lru_cache(maxsize=1)
def known_zones() -> frozenset[str]:
    """The names of all time zones."""
    return frozenset(available_timezones())


# The name of a holiday that is only a date.
UNNAMED_HOLIDAY = "Holiday"


@lru_cache(maxsize=4096)
def public_holidays(country: str, region: str, year: int, language: str = "") -> Mapping[dt.date, str]:
    """The public holidays of a country (ISO code) and region in one year, with their names.

    Names are in *language* ("pl") if the library has it, else in English, else in the country's language; never in the
    language of the machine. Raises CalendarProblem for a country or region that is not known.
    """
    import holidays  # slow to load, so it is loaded only for calendars with a country

    try:
        kind = holidays.country_holidays(country, subdiv=region or None)
        known = {code.partition("_")[0]: code for code in reversed(kind.supported_languages)}
        spoken = known.get(language) or known.get("en") or kind.default_language
        found = holidays.country_holidays(country, subdiv=region or None, years=year, language=spoken)
        return MappingProxyType(dict(found))
    except NotImplementedError:
        if region and country in holidays.list_supported_countries():
            raise CalendarProblem(CalendarFault.UNKNOWN_REGION, "region", written=region) from None
        raise CalendarProblem(CalendarFault.UNKNOWN_HOLIDAYS, "country", written=country) from None


@lru_cache(maxsize=1)
def holiday_places() -> Mapping[str, Mapping[str, str]]:
    """The countries whose public holidays are known, by ISO code, each with its regions: {code: name}.

    Of several names of a region (languages, abbreviations) it is the first that is a name; a region whose code is all
    there is has its code.
    """
    import holidays  # slow to load, like above

    found: dict[str, Mapping[str, str]] = {}
    for country, codes in holidays.list_supported_countries(include_aliases=False).items():
        names: dict[str, str] = {}
        if codes:
            for name, code in holidays.country_holidays(country).subdivisions_aliases.items():
                if not name.isupper():
                    names.setdefault(code, name)
        found[country] = MappingProxyType({code: names.get(code, code) for code in codes})
    return MappingProxyType(found)


ALWAYS = Calendar(always=True)
