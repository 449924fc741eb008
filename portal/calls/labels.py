"""Phone in words."""

import datetime as dt
from dataclasses import dataclass

from babel.dates import format_date, format_time
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.calls.models import CallBack, CallCheck, IncomingCall
from portal.calls.queries.hotlines import SupportLine, lines
from portal.calls.rules import (
    CallBackState,
    CallResult,
    CheckState,
    Direction,
    LineState,
    is_overdue,
    is_running,
    minutes_of,
)
from portal.cases.queries.severity_levels import severity_levels
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.kernel.phone_numbers import show_number
from portal.sla.queries.interface import Calendar, CalendarProblem
from portal.web.times import reader_locale, short_time_words, time_words, to_reader_zone, zone_abbreviation


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A hotline as pages name it."""

    name: str
    number: str
    hours: str
    calls_back: bool


def open_words(calendar: Calendar, now: dt.datetime) -> str:
    """ "Open until 18:00 CET" or "Closed, opens Mon 09:00 CET", in the reader's zone."""
    try:
        if calendar.is_open(now):
            closes = calendar.next_closing(now)
            if closes is None:
                return _("Open day and night")
            return _("Open until %(time)s", time=f"{short_time_words(closes)} {_zone(closes)}")
        opens = calendar.next_opening(now)
    except CalendarProblem:
        return _("Closed")
    return _("Closed, opens %(time)s", time=f"{time_words(opens)} {_zone(opens)}")


def _zone(moment: dt.datetime) -> str:
    return zone_abbreviation(to_reader_zone(moment))


def urgent_levels(ctx: Context, line: SupportLine) -> str:
    """The names of the severities for which *line* is answered day and night; '' for none."""
    if line.urgent_rank is None or line.calendar.always:
        return ""
    return ", ".join(level.name for level in severity_levels(ctx) if level.rank <= line.urgent_rank)


def hours_words(ctx: Context, line: SupportLine) -> str:
    """The present state of *line*, with what it is answered for day and night."""
    words, urgent = open_words(line.calendar, ctx.now), urgent_levels(ctx, line)
    return _("%(hours)s; day and night for: %(levels)s", hours=words, levels=urgent) if urgent else words


def shown_lines(ctx: Context) -> list[ShownLine]:
    """The hotlines as pages name them; [] for a provider without any."""
    return [ShownLine(line.name, line.shown_number, hours_words(ctx, line), line.calls_back) for line in lines(ctx)]


DIRECTION_NAMES = {Direction.IN: _l("The client called"), Direction.OUT: _l("We called")}
RESULT_NAMES = {
    CallResult.TALKED: _l("We talked"),
    CallResult.MESSAGE: _l("A message was left"),
    CallResult.MISSED: _l("Nobody answered"),
}


def slot_words(start: dt.datetime, end: dt.datetime) -> str:
    """ "Mon 30 Nov, 09:00–09:30 CET", in the reader's zone."""
    there = to_reader_zone(start)
    day = format_date(there.date(), "EEE d MMM", locale=reader_locale())
    until = format_time(to_reader_zone(end).time(), "short", locale=reader_locale())
    begins = format_time(there.time(), "short", locale=reader_locale())
    return f"{day}, {begins}–{until} {zone_abbreviation(there)}"


def call_back_words(row: CallBack) -> str:
    """The slot of a call-back."""
    return slot_words(row.starts_at, row.due_at)


def state_words(row: CallBack, now: dt.datetime) -> str:
    """What became of a call-back."""
    if row.state == CallBackState.DONE:
        return _("We talked")
    if row.state == CallBackState.CANCELLED:
        return _("Cancelled")
    return _("Overdue") if is_overdue(row, now) else _("Planned")


def history_line(event: Event) -> str:
    """The line of *event* in the change log of a case."""
    if event.name == "call.logged":
        return _logged_words(event)
    return {
        "call.asked": _("Customer asked to be called"),
        "call.cancelled": _("Call cancelled"),
        "call.claimed": _("Call taken over"),
        "call.released": _("Call given back"),
        "call.overdue": _("Call overdue: nobody called in the chosen time"),
        "call.check_started": _("Call check started"),
        "call.check_passed": _(
            "Call check passed: %(contact)s and %(staff)s confirmed the codes",
            contact=event.facts.get("contact", ""),
            staff=event.facts.get("staff", ""),
        ),
        "call.check_failed": _("Call check failed: a wrong code was typed too often"),
        "call.check_skipped": _("No call check needed: %(reason)s", reason=event.facts.get("reason", "")),
    }[event.name]


def _logged_words(event: Event) -> str:
    minutes = int(event.facts["minutes"])
    result = str(RESULT_NAMES[CallResult(event.facts["result"])])
    if event.facts["direction"] == Direction.IN:
        return ngettext(
            "Call from the client, %(num)d minute: %(result)s",
            "Call from the client, %(num)d minutes: %(result)s",
            minutes,
            result=result,
        )
    return ngettext(
        "Call to the client, %(num)d minute: %(result)s",
        "Call to the client, %(num)d minutes: %(result)s",
        minutes,
        result=result,
    )


HISTORY = (
    *("call.asked", "call.cancelled", "call.claimed", "call.released", "call.overdue", "call.logged"),
    *("call.check_started", "call.check_passed", "call.check_failed", "call.check_skipped"),
)


def check_words(check: CallCheck, now: dt.datetime) -> str:
    """What became of a call check."""
    if check.state == CheckState.PASSED:
        return _("The call with %(name)s was checked.", name=check.staff.user.name)
    if check.state == CheckState.SKIPPED:
        return _("No check is needed: %(reason)s", reason=check.reason)
    if check.state == CheckState.FAILED:
        return _("The check failed: a wrong code was typed too often.")
    return _("The check is running.") if is_running(check, now) else _("The check was not finished in time.")


def ringing_words(row: IncomingCall) -> str:
    """What a telephone system said last of a call, for who answers it."""
    number = show_number(row.number)
    if row.state == LineState.ENDED:
        return _("Call with %(number)s has ended", number=number) if number else _("A call has ended")
    if row.state == LineState.ANSWERED:
        return _("You talk with %(number)s", number=number) if number else _("You talk with a withheld number")
    return _("Call from %(number)s", number=number) if number else _("Call from a withheld number")


def reported_words(row: IncomingCall) -> str:
    """A reported call above the form that logs it."""
    if row.missed:
        return _("Nobody answered the call of %(when)s.", when=time_words(row.started_at))
    minutes = minutes_of(row.seconds)
    if row.state == LineState.ENDED:
        return ngettext(
            "The call of %(when)s took %(num)d minute.",
            "The call of %(when)s took %(num)d minutes.",
            minutes,
            when=time_words(row.started_at),
        )
    return _("The call of %(when)s goes on.", when=time_words(row.started_at))
