"""The openings of a calendar as a prefix index: open spans in elapsed time, each with the open time before it.

The index is built a year at a time at its first use and kept. Each lookup is one or two binary searches, so a deadline
years ahead costs no more than one tomorrow. Times here are whole microseconds since 1970 in UTC.
"""

import datetime as dt
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)
DAY = 1440
_MINUTE = 60_000_000
_ORDINAL = dt.date(1970, 1, 1).toordinal()
# The horizon: no promise goes further. A calendar without enough openings reaches it.
HORIZON_YEARS = 60

Interval = tuple[int, int]


class OpenTime:
    """Open spans in order: `starts[i]` to `ends[i]`, with `before[i]` open microseconds in all earlier ones."""

    def __init__(
        self,
        zone: ZoneInfo,
        week: Sequence[Sequence[Interval]],
        is_holiday: Callable[[dt.date], bool],
        one_offs: Iterable[tuple[dt.date, int, int, bool]],
    ) -> None:
        self._zone, self._is_holiday = zone, is_holiday
        self._usual = [_usual_intervals(week, weekday) for weekday in range(7)]
        self._tails = [_overnight_intervals(week[(weekday - 1) % 7]) for weekday in range(7)]
        self._single: dict[dt.date, list[tuple[int, int, bool]]] = {}
        for day, start, end, opens in one_offs:
            self._single.setdefault(day, []).append((start, min(end, DAY), opens))
            if end > DAY:
                self._single.setdefault(day + dt.timedelta(days=1), []).append((0, end - DAY, opens))
        self._lock = threading.Lock()
        self._line: tuple[list[int], list[int], list[int]] = ([], [], [])
        self._years: tuple[int, int] = (0, 0)
        self._low = self._high = 0

    # -- questions ----------------------------------------------------------------------------------------------------

    def between(self, start: int, end: int) -> int:
        """Open microseconds from *start* to *end*."""
        line = self._cover(start, end)
        return _open_before(line, end) - _open_before(line, start)

    def add(self, start: int, working: int) -> int | None:
        """The first moment with *working* open microseconds since *start*; None if it never comes."""
        if working == 0:
            return start
        line = self._line if self._low <= start < self._high else self._cover(start, start)
        starts, ends, before = line
        i = bisect_right(starts, start) - 1
        if i >= 0:
            goal = before[i] + working + (start if start < ends[i] else ends[i]) - starts[i]
            # The common case: it is still open then, or the next opening is long enough.
            if goal <= before[i] + ends[i] - starts[i]:
                return start + working
        else:
            goal = working
        while True:
            starts, ends, before = line
            i = bisect_left(before, goal) - 1
            if i >= 0 and (found := starts[i] + goal - before[i]) <= ends[i]:
                return found
            longer = self._extend(start)
            if longer is None:
                return None
            line = longer

    def is_open(self, at: int) -> bool:
        starts, ends, _before = self._cover(at, at)
        i = bisect_right(starts, at) - 1
        return i >= 0 and at < ends[i]

    def next_opening(self, at: int) -> int | None:
        """*at* if it is open, else the next start; None if there is none."""
        line: tuple[list[int], list[int], list[int]] | None = self._cover(at, at)
        while line is not None:
            starts, ends, _before = line
            i = bisect_right(starts, at) - 1
            if i >= 0 and at < ends[i]:
                return at
            if i + 1 < len(starts):
                return starts[i + 1]
            line = self._extend(at)
        return None

    def next_closing(self, at: int) -> int:
        """The end of the opening at *at*; *at* while closed."""
        starts, ends, _before = self._cover(at, at + 370 * DAY * _MINUTE)
        i = bisect_right(starts, at) - 1
        return ends[i] if i >= 0 and at < ends[i] else at

    def intervals_on(self, day: dt.date) -> list[Interval]:
        """The open wall-clock intervals of a local date, joined and in order."""
        weekday = day.weekday()
        if self._is_holiday(day):
            found: list[Interval] = []
        else:
            found = (
                self._usual[weekday]
                if not self._tails[weekday]
                else _join([*self._usual[weekday], *self._tails[weekday]])
            )
        single = self._single.get(day)
        if single:
            found = _join([*found, *((a, b) for a, b, opens in single if opens)])
            for a, b, opens in single:
                found = found if opens else _subtract(found, a, b)
        return found

    # -- the line -----------------------------------------------------------------------------------------------------

    def _cover(self, start: int, end: int) -> tuple[list[int], list[int], list[int]]:
        if self._low <= start and end < self._high:
            return self._line
        with self._lock:
            first, last = _year(start), _year(end) + 1
            if self._years[0]:
                first, last = min(first, self._years[0]), max(last, self._years[1])
            self._build(first, last)
            return self._line

    def _extend(self, start: int) -> tuple[list[int], list[int], list[int]] | None:
        """The index over twice as many years; None at the horizon."""
        with self._lock:
            first, last = self._years
            limit = min(_year(start) + HORIZON_YEARS, dt.MAXYEAR - 1)
            if last >= limit:
                return None
            self._build(first, min(last + max(last - first, 1), limit))
            return self._line

    def _build(self, first: int, last: int) -> None:
        """Let the index cover the years [first, last); existing parts are kept."""
        starts, ends = list(self._line[0]), list(self._line[1])
        known_first, known_last = self._years if self._years[0] else (first, first)
        if first < known_first:
            earlier = list(self._spans(_start_of_year(first), _start_of_year(known_first)))
            starts, ends = [s for s, _ in earlier] + starts, [e for _, e in earlier] + ends
        for start, end in self._spans(_start_of_year(known_last), _start_of_year(last)) if last > known_last else ():
            if ends and ends[-1] == start:
                ends[-1] = end
            else:
                starts.append(start)
                ends.append(end)
        before, total = [], 0
        for start, end in zip(starts, ends, strict=True):
            before.append(total)
            total += end - start
        self._line = (starts, ends, before)
        self._years = (first, last)
        self._low, self._high = _start_of_year(first), _start_of_year(last)

    def _spans(self, low: int, high: int) -> Iterator[Interval]:
        """The open spans of [low, high) in UTC, joined where one ends as the next begins."""
        held: Interval | None = None
        for start, end, offset in _offsets(self._zone, low, high):
            for opens, closes in self._local(start + offset, end + offset):
                opens, closes = opens - offset, closes - offset
                if held is not None and held[1] == opens:
                    held = (held[0], closes)
                    continue
                if held is not None:
                    yield held
                held = (opens, closes)
        if held is not None:
            yield held

    def _local(self, low: int, high: int) -> Iterator[Interval]:
        """The open wall-clock spans of [low, high) on one stretch of constant offset."""
        per_day = DAY * _MINUTE
        for number in range(low // per_day, -(-high // per_day)):
            midnight = number * per_day
            for a, b in self.intervals_on(dt.date.fromordinal(number + _ORDINAL)):
                opens, closes = max(midnight + a * _MINUTE, low), min(midnight + b * _MINUTE, high)
                if opens < closes:
                    yield opens, closes


def _open_before(line: tuple[list[int], list[int], list[int]], at: int) -> int:
    starts, ends, before = line
    i = bisect_right(starts, at) - 1
    return before[i] + min(at, ends[i]) - starts[i] if i >= 0 else 0


def _year(at: int) -> int:
    return (EPOCH + dt.timedelta(microseconds=at)).year


def _start_of_year(year: int) -> int:
    return (dt.datetime(year, 1, 1, tzinfo=dt.UTC) - EPOCH) // MICROSECOND


def _offsets(zone: ZoneInfo, low: int, high: int) -> Iterator[tuple[int, int, int]]:
    """(start, end, offset) of the stretches of [low, high) on which the zone keeps one offset, in microseconds."""

    def offset(at: int) -> int:
        there = (EPOCH + dt.timedelta(microseconds=at)).astimezone(zone).utcoffset()
        assert there is not None
        return there // MICROSECOND

    start, current, at = low, offset(low), low
    while at < high:
        following = min(at + DAY * _MINUTE, high)
        if offset(following) != current:
            before, after = at, following  # changes happen on whole seconds
            while after - before > 1_000_000:
                middle = (before + after) // 2_000_000 * 1_000_000
                if offset(middle) == current:
                    before = middle
                else:
                    after = middle
            yield start, after, current
            start, current, following = after, offset(after), after
        at = following
    if start < high:
        yield start, high, current


def _usual_intervals(week: Sequence[Sequence[Interval]], weekday: int) -> list[Interval]:
    return _join([(start, min(end, DAY)) for start, end in week[weekday]])


def _overnight_intervals(day_before: Sequence[Interval]) -> list[Interval]:
    return [(0, end - DAY) for _start, end in day_before if end > DAY]


def _join(spans: Iterable[Interval]) -> list[Interval]:
    """*spans* in order, overlapping and touching ones made one."""
    found: list[Interval] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        elif start < end:
            found.append((start, end))
    return found


def _subtract(spans: Iterable[Interval], a: int, b: int) -> list[Interval]:
    """*spans* with [a, b) cut out."""
    pieces = [piece for start, end in spans for piece in ((start, min(end, a)), (max(start, b), end))]
    return [(start, end) for start, end in pieces if start < end]
