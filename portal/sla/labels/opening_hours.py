"""Support hours in words: the week, today's state, the holidays ahead."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from babel.dates import format_date, get_day_names, get_timezone_name
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.cases.queries.interface import SeverityFloor, effective_severity
from portal.sla.engine.calendar import UNNAMED_HOLIDAY, Calendar, CalendarProblem, Interval
from portal.sla.engine.open_time import DAY
from portal.sla.engine.policy import Policy
from portal.web.times import load_zone, reader_locale, time_words


@dataclass(frozen=True, slots=True)
class OpenState:
    """Whether support is open at this moment, with its sentence."""

    open: bool
    text: str


def minute_label(minute: int) -> str:
    """09:00 for 540."""
    minute %= DAY
    return f"{minute // 60:02}:{minute % 60:02}"


def interval_label(found: Interval) -> str:
    """ "09:00–18:00", or the words for a whole day."""
    if found[1] - found[0] >= DAY:
        return _("all day")
    return f"{minute_label(found[0])}–{minute_label(found[1])}"


def week_lines(calendar: Calendar) -> list[tuple[str, str]]:
    """(days, hours) of the usual week; neighboring days with equal hours are grouped: "Mon–Fri", "09:00–18:00"."""
    if calendar.always:
        return [(_("Every day"), _("all day"))]
    names = get_day_names("abbreviated", locale=reader_locale())
    runs: list[tuple[int, int, str]] = []
    for n, day in enumerate(calendar.week):
        text = ", ".join(interval_label(one) for one in day) or _("closed")
        if runs and runs[-1][2] == text:
            runs[-1] = (runs[-1][0], n, text)
        else:
            runs.append((n, n, text))
    return [(names[a] if a == b else f"{names[a]}–{names[b]}", text) for a, b, text in runs]


def zone_name(calendar: Calendar, now: dt.datetime) -> str:
    """The abbreviation of the calendar's zone now: "CET"."""
    return get_timezone_name(now.astimezone(load_zone(calendar.zone)), "short", locale=reader_locale())


def night_levels(
    policy: Policy | None, calendar: Calendar | None, levels: Sequence[Any], floor: SeverityFloor | None = None
) -> str:
    """The names of the *levels* whose first reply is promised day and night while support is closed, also because
    *floor* raises them; '' for none."""
    if policy is None or calendar is None or calendar.always:
        return ""
    served = {level.name: effective_severity(level.rank, None, floor).effective for level in levels}
    promised = {name: policy.promise(rank).first_response for name, rank in served.items()}
    return ", ".join(name for name, target in promised.items() if target is not None and target.counts_at_night)


def open_state(calendar: Calendar, now: dt.datetime) -> OpenState:
    """ "Open now, until 18:00 (CET)" or "Closed now. We open Mon 09:00 (CET).", in the calendar's own zone."""
    if calendar.always:
        return OpenState(True, _("Open now, day and night"))
    there, name = calendar.local(now), zone_name(calendar, now)
    try:
        if calendar.is_open(now):
            closes = calendar.next_closing(now)
            if closes is None:
                return OpenState(True, _("Open now, day and night"))
            at = calendar.local(closes)
            when = f"{at:%H:%M}" if at.date() == there.date() else time_words(closes)
            return OpenState(True, _("Open now, until %(time)s (%(zone)s)", time=when, zone=name))
        opens = calendar.local(calendar.next_opening(now))
    except CalendarProblem:
        return OpenState(False, _("Closed now."))
    day = format_date(opens.date(), "EEE", locale=reader_locale())
    if opens.date() == there.date():
        when = f"{opens:%H:%M}"
    elif (opens.date() - there.date()).days < 7:
        when = f"{day} {opens:%H:%M}"
    else:
        when = f"{format_date(opens.date(), 'd MMM', locale=reader_locale())} {opens:%H:%M}"
    hours = round((opens - there).total_seconds() / 3600)
    if hours > 47:
        return OpenState(False, _("Closed now. We open %(time)s (%(zone)s).", time=when, zone=name))
    wait = ngettext("in %(num)d hour", "in %(num)d hours", hours) if hours else _("in less than an hour")
    return OpenState(False, _("Closed now. We open %(time)s (%(zone)s), %(wait)s.", time=when, zone=name, wait=wait))


def today_label(calendar: Calendar, now: dt.datetime) -> str:
    """Today's hours, or the name of the holiday."""
    day = calendar.local(now).date()
    name = _holiday_label(calendar.holiday_name(day, reader_locale().language))
    text = ", ".join(interval_label(one) for one in calendar.hours_on(day)) or _("closed")
    return f"{text} ({name})" if name else text


def next_holidays(calendar: Calendar, now: dt.datetime, count: int = 5) -> list[tuple[str, str]]:
    """The holidays ahead: (date in words, name)."""
    found = calendar.holidays_ahead(calendar.local(now).date(), count, reader_locale().language)
    return [(format_date(day, "full", locale=reader_locale()), _holiday_label(name)) for day, name in found]


def _holiday_label(holiday: str) -> str:
    """The name of a holiday; one by hand is called "Holiday"."""
    return _("Holiday") if holiday == UNNAMED_HOLIDAY else holiday


def describe_hours(calendar: Calendar, now: dt.datetime) -> dict[str, Any]:
    """The values of a page about support hours."""
    return {
        "now": open_state(calendar, now),
        "today": today_label(calendar, now),
        "week": week_lines(calendar),
        "zone": calendar.zone,
        "holidays": next_holidays(calendar, now),
        "always": calendar.always,
    }
