"""Times in the reader's zone and language, with the zone named where it matters (ux.md 3.9)."""

import datetime as dt
import math
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta
from flask import g, has_app_context
from flask_babel import gettext as _
from markupsafe import Markup, escape

from portal.kernel.cache import Cache
from portal.web import current
from portal.web.provider_texts import current_locale

_BRITISH = Locale("en", "GB")


def reader_locale() -> Locale:
    """How dates are written: plain English as in Britain, where the clock has 24 hours and the day comes first."""
    spoken = current_locale(g._get_current_object()) if has_app_context() else None
    if spoken is None or (spoken.language == "en" and spoken.territory is None):
        return _BRITISH
    return spoken


@lru_cache(maxsize=64)
def load_zone(name: str) -> dt.tzinfo:
    """The IANA zone *name*, or UTC if the machine has no data for it."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return dt.UTC


def reader_zone() -> dt.tzinfo:
    """The zone of the signed-in person, else of the provider."""
    ctx = current.ctx()
    own = getattr(ctx.person, "zone", "")
    return load_zone(own or getattr(ctx.provider, "zone", "UTC"))


def to_reader_zone(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(reader_zone())


def zone_abbreviation(there: dt.datetime) -> str:
    """The abbreviation of the zone of *there* at that moment: "CET"; "UTC+07" for a zone without letters."""
    name = there.tzname() or ""
    return f"UTC{name}" if name[:1] in ("+", "-") else name


# Lists repeat the same days, hours and spans, and Babel parses a format each time.
@lru_cache(maxsize=20_000)
def _day(day: dt.date, pattern: str, locale: Locale) -> str:
    return str(format_date(day, pattern, locale))


@lru_cache(maxsize=20_000)
def _clock(hour: int, minute: int, locale: Locale) -> str:
    return str(format_time(dt.time(hour, minute), "short", locale=locale))


_SPANS = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
LEAST = 1.2
# By unit, number of units, whether it is past, and language: the number of seconds differs from line to line.
_spans: Cache[tuple[str, int, bool, Locale], str] = Cache(max_entries=10_000)


def span_words(seconds: float, locale: Locale) -> str:
    """ "2 hours ago", "in 3 days"; within a week."""
    whole = math.floor(seconds)
    unit = next((name for name, length in _SPANS.items() if abs(whole) / length >= LEAST), "second")
    key = (unit, round(abs(whole) / _SPANS[unit]), whole < 0, locale)
    there = dt.timedelta(seconds=whole)
    return _spans.load(key, lambda: str(format_timedelta(there, add_direction=True, locale=locale, threshold=LEAST)))


def full_time(moment: dt.datetime) -> str:
    """The whole local form with the zone: "Tuesday, 3 November 2026, 14:05 CET"."""
    there, locale = to_reader_zone(moment), reader_locale()
    return (
        f"{_day(there.date(), 'full', locale)}, {_clock(there.hour, there.minute, locale)} {zone_abbreviation(there)}"
    )


def time_words(moment: dt.datetime) -> str:
    """Absolute words for conversations and promises: "14:05" today, "Tue 14:05" within a week, else the date too."""
    there, today, locale = to_reader_zone(moment), to_reader_zone(current.ctx().now).date(), reader_locale()
    clock = _clock(there.hour, there.minute, locale)
    days = (there.date() - today).days
    if days == 0:
        return _("today %(time)s", time=clock)
    if abs(days) < 7:
        return f"{_day(there.date(), 'EEE', locale)} {clock}"
    return f"{day_words(moment)}, {clock}"


def short_time_words(moment: dt.datetime) -> str:
    """`words` for narrow places: today goes without saying."""
    there, now = to_reader_zone(moment), to_reader_zone(current.ctx().now)
    if there.date() == now.date():
        return str(format_time(there.time(), "short", locale=reader_locale()))
    return time_words(moment)


def day_words(moment: dt.datetime) -> str:
    """The date: "3 Nov", with the year when it is another one."""
    there, today, locale = to_reader_zone(moment), to_reader_zone(current.ctx().now).date(), reader_locale()
    pattern = "d MMM" if there.year == today.year else "d MMM y"
    return str(_day(there.date(), pattern, locale))


def date_words(day: dt.date) -> str:
    """A day of a calendar, with its year: "3 Nov 2026"."""
    return str(_day(day, "d MMM y", reader_locale()))


def relative_words(moment: dt.datetime) -> str:
    """Relative words for lists: "2 hours ago", "yesterday", then the date."""
    there, now, locale = to_reader_zone(moment), to_reader_zone(current.ctx().now), reader_locale()
    days = (now.date() - there.date()).days
    if days == 1 and now - there > dt.timedelta(hours=6):
        return _("yesterday")
    if days == 2 and now - there < dt.timedelta(hours=48):
        moment = current.ctx().now - dt.timedelta(days=2)  # "2 days ago", as the calendar says, and not "29 hours ago"
    if -7 < days < 7:
        seconds = (moment - current.ctx().now).total_seconds()
        if abs(seconds) < 60:
            return _("just now")
        return span_words(seconds, locale)
    return day_words(moment)


def _tag(moment: dt.datetime, text: str, kind: str = "") -> Markup:
    stamp = moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    mark = " data-relative" if kind else ""
    return Markup(f'<time datetime="{stamp}" title="{escape(full_time(moment))}"{mark}>{escape(text)}</time>')  # noqa: S704


def local_time(moment: dt.datetime | None) -> Markup:
    """`<time>` in absolute words; the full form with the zone as its title."""
    return _tag(moment, time_words(moment)) if moment else Markup("")


def relative_time(moment: dt.datetime | None) -> Markup:
    """`<time>` in relative words for lists; the browser keeps it fresh."""
    return _tag(moment, relative_words(moment), "relative") if moment else Markup("")
