"""Sentences for the codes that the `engine` of promises raises."""

from enum import StrEnum

from flask_babel import gettext as _

from portal.kernel.errors import Refused, RuleProblem
from portal.kernel.text import clean_line
from portal.sla.engine.calendar import CalendarFault
from portal.sla.engine.policy import PolicyFault

# The number of letters that are quoted of an invalid text.
QUOTED = 60


def refusal_of(problem: RuleProblem) -> Refused:
    """*problem* as a Refused with a sentence, for the field that it names."""
    return Refused(problem_sentence(problem), problem.field)


def problem_sentence(problem: RuleProblem) -> str:
    """The sentence of *problem*, in the language of the reader. Raises KeyError for the code of another feature."""
    written = clean_line(problem.written)[:QUOTED]
    sentences: dict[StrEnum, str] = {
        CalendarFault.UNKNOWN_WEEKDAY: _("The week has the days monday to sunday."),
        CalendarFault.NO_WEEK: _("A week has seven days."),
        CalendarFault.NO_TIME_OF_DAY: _("“%(written)s” is not a time of day. Write it like 09:00.", written=written),
        CalendarFault.START_AFTER_DAY: _("“%(written)s” starts after the end of the day.", written=written),
        CalendarFault.WRONG_LENGTH: _("An opening must end after it starts, and last at most one day."),
        CalendarFault.NO_DAY_OF_ONE_OFF: _("Write the day of a one-off opening or closing like 2026-12-24."),
        CalendarFault.NO_SPAN_OF_ONE_OFF: _("A one-off opening or closing is one time span, such as 09:00-12:00."),
        CalendarFault.NO_HOLIDAY_DATE: _(
            "“%(written)s” is not a date. Write 2026-12-24, or 12-24 for every year.", written=written
        ),
        CalendarFault.UNKNOWN_HOLIDAYS: _("We do not know the holidays of “%(written)s”.", written=written),
        CalendarFault.UNKNOWN_REGION: _(
            "“%(written)s” is not a region of this country. Choose one from the list.", written=written
        ),
        CalendarFault.UNKNOWN_ZONE: _(
            "“%(written)s” is not a time zone. Write it like Europe/Warsaw.", written=written
        ),
        CalendarFault.LONG_BUSINESS_DAY: _("A business day has at most 24 hours."),
        CalendarFault.NO_OPENING: _("This calendar never opens. Give it hours, or make it always open."),
        CalendarFault.TOO_FEW_OPENINGS: _("This calendar is not open often enough for that much time to pass."),
        CalendarFault.NO_FURTHER_OPENING: _("This calendar does not open any more."),
        PolicyFault.NO_TARGET: _(
            "We do not understand the time “%(written)s”. Write it like “4 hours” or “1 business day”.", written=written
        ),
        PolicyFault.UNKNOWN_SEVERITY: _("Severities are numbered 1 to 4."),
        PolicyFault.WRONG_THRESHOLD: _("Alarms come at 1 to 500 percent of the time."),
        PolicyFault.AIM_WITHOUT_TARGET: _("An aim needs a promise that is due later."),
        PolicyFault.CLOCK_CANNOT_PAUSE: _("Only the next update and the resolution can pause."),
        PolicyFault.STATE_CANNOT_PAUSE: _(
            "A clock can pause while support waits for the customer or for somebody else."
        ),
        PolicyFault.UNKNOWN_NIGHT_ALARMS: _("Night alarms are auto, always or never."),
    }
    return sentences[problem.code]
