"""The form of worked time."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.kernel.errors import Refused
from portal.kernel.local_times import read_date
from portal.time_entries.actions import TEXT_LETTERS, TimeFacts
from portal.time_entries.rules import read_minutes
from portal.web.forms import PressForm, flag_field, line_field


class TimeForm(PressForm):
    """`POST /desk/cases/<KEY>/time`: a new entry, or `verb`: `change` or `remove` for `entry`; `start`, `stop` or
    `discard` for the timer. `timer`: the new entry takes the place of the timer."""

    verb = line_field(_l("Action"), limit=20)
    entry = line_field(_l("Entry"), limit=40)
    timer = line_field(_l("Timer"), limit=10)
    minutes = line_field(_l("Time worked"), limit=20)
    text = line_field(_l("What was done"), limit=TEXT_LETTERS)
    day = line_field(_l("Day"), limit=20)
    billable = flag_field(_l("Billable"))

    def facts(self) -> TimeFacts:
        """What the form says. Raises Refused for minutes and a day that are none."""
        minutes = read_minutes(self.minutes.data or "")
        if minutes is None:
            raise Refused(_("Write minutes like 45, or hours and minutes like 1:30; at most 24 hours"), "minutes")
        day = read_date(self.day.data or "")
        if day is None:
            raise Refused(_("Write the day like 2027-01-31"), "day")
        return TimeFacts(minutes, self.text.data or "", day, bool(self.billable.data))
