"""The form of a snooze."""

import datetime as dt

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.kernel.errors import Refused
from portal.kernel.local_times import SkippedTime, read_local_time
from portal.web.forms import PressForm, line_field

OWN, BACK = "own", "back"


class SnoozeForm(PressForm):
    """`POST /desk/cases/<KEY>/snooze` and `POST /desk/snooze`: an offered moment, OWN with a time in `at`, or BACK to
    take the case back."""

    until = line_field(_l("Until when?"), limit=40, need=_l("Choose until when"))
    at = line_field(_l("Date and time"), limit=40)

    def moment(self, zone: dt.tzinfo) -> dt.datetime:
        """The chosen moment; raises Refused with the field for one that is none."""
        if self.until.data == OWN:
            try:
                typed = read_local_time(self.at.data or "", zone)
            except SkippedTime:
                typed = None
            if typed is None:
                raise Refused(_("Write a day and a time like 2027-01-31 09:00"), "at")
            return typed
        try:
            offered = dt.datetime.fromisoformat(self.until.data or "")
        except ValueError:
            raise Refused(_("Choose until when"), "until") from None
        if offered.tzinfo is None:
            raise Refused(_("Choose until when"), "until")
        return offered
