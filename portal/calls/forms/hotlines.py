"""The form of a hotline (`/admin/phone`)."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.calls.actions.hotlines import HotlineFacts
from portal.calls.engine.slots import LENGTHS
from portal.kernel.ids import parse_id
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import Number, choice_field, flag_field, line_field

_LENGTH_NAMES = {15: _l("15 minutes"), 30: _l("30 minutes"), 60: _l("1 hour")}


class HotlineForm(VersionedForm):
    """A number, its hours, and its call-backs. The choices are set by `offer`."""

    name = line_field(_l("Name"), need=_l("Write a name"), limit=80)
    number = line_field(_l("Phone number"), need=_l("Write a phone number"), limit=50)
    calendar = choice_field(_l("Support hours"), need=_l("Choose support hours"))
    urgent_rank = choice_field(_l("Day and night for"))
    position = Number(_l("Place in the list"), low=1, high=99)
    active = flag_field(_l("In use"))
    calls_back = flag_field(_l("Clients may ask to be called back"))
    slot_minutes = choice_field(_l("Length of a slot"), choices=[(str(one), _LENGTH_NAMES[one]) for one in LENGTHS])
    slot_calls = Number(_l("Calls in one slot"), low=1, high=50)

    def offer(self, calendars: Any, levels: Any) -> None:
        """Let people choose among *calendars* and severity *levels*."""
        self.calendar.choices = [("", _("Choose support hours")), *((str(one.id), one.name) for one in calendars)]
        self.urgent_rank.choices = [
            ("", _("Nothing: only in the support hours")),
            *((str(one.rank), _("%(level)s and worse", level=one.name)) for one in levels),
        ]

    def facts(self) -> HotlineFacts:
        """What was written, for the action."""
        return HotlineFacts(
            name=self.name.data or "",
            number=self.number.data or "",
            calendar_id=parse_id(self.calendar.data),
            urgent_rank=int(self.urgent_rank.data) if self.urgent_rank.data else None,
            position=self.position.data or 1,
            active=bool(self.active.data),
            calls_back=bool(self.calls_back.data),
            slot_minutes=int(self.slot_minutes.data or 30),
            slot_calls=self.slot_calls.data or 1,
        )

    def fill(self, row: Any, number: str) -> None:
        """Show what *row* says now; *number* as people read it."""
        for name in ("name", "position", "active", "calls_back", "slot_calls"):
            self[name].data = getattr(row, name)
        self.number.data, self.calendar.data = number, str(row.calendar_id)
        self.urgent_rank.data = "" if row.urgent_rank is None else str(row.urgent_rank)
        self.slot_minutes.data, self.version.data = str(row.slot_minutes), str(row.version)
