"""The form of support hours: a line for each day of the week, holidays, single days."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from portal.kernel.errors import Refused
from portal.sla.engine.calendar import WEEKDAYS, Calendar, CalendarProblem, format_interval, holiday_places
from portal.sla.labels.holiday_places import country_choices, region_choices
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import choice_field, flag_field, line_field, text_field

DAYS = {
    "monday": _l("Monday"),
    "tuesday": _l("Tuesday"),
    "wednesday": _l("Wednesday"),
    "thursday": _l("Thursday"),
    "friday": _l("Friday"),
    "saturday": _l("Saturday"),
    "sunday": _l("Sunday"),
}
LINES = 400
DAY_HOURS = (540, 1080)


class CalendarForm(VersionedForm):
    """A calendar. The page offers the time zones in a list, and countries and regions by name."""

    name = line_field(_l("Name"), need=_l("Write a name"), limit=120)
    zone = line_field(_l("Time zone"), need=_l("Write the time zone"), limit=60)
    always = flag_field(_l("Always open, day and night"))
    monday = line_field(DAYS["monday"], limit=120)
    tuesday = line_field(DAYS["tuesday"], limit=120)
    wednesday = line_field(DAYS["wednesday"], limit=120)
    thursday = line_field(DAYS["thursday"], limit=120)
    friday = line_field(DAYS["friday"], limit=120)
    saturday = line_field(DAYS["saturday"], limit=120)
    sunday = line_field(DAYS["sunday"], limit=120)
    country = choice_field(_l("Public holidays of"))
    region = choice_field(_l("Region"))
    holidays = text_field(_l("Other holidays"), limit=8000)
    one_offs = text_field(_l("One-off openings and closings"), limit=20_000)
    day_hours = line_field(_l("Hours of a business day"), limit=6)
    # The tester, and which button was pressed.
    try_at = line_field(_l("At"), limit=20)
    try_span = line_field(_l("Working time"), limit=6)
    do = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_places()

    def offer_places(self) -> None:
        """Offer the countries, and the regions of the chosen one."""
        country, region = self.country.data or "", self.region.data or ""
        self.country.choices = country_choices(country)
        self.region.choices = region_choices(country, region)

    def leave_foreign_region(self) -> None:
        """Choose the whole country where the chosen region is one of another country."""
        if self.region.data not in holiday_places().get(self.country.data or "", {}):
            self.region.data = ""
        self.offer_places()

    def content(self) -> dict[str, Any]:
        """The content for the actions (`engine.calendar.parse_calendar`). Raises Refused with the field."""
        return {
            "zone": self.zone.data,
            "week": {name: getattr(self, name).data for name in WEEKDAYS if getattr(self, name).data},
            **self._holiday_content(),
            "one_offs": [_one_off(written) for written in self._lines("one_offs")],
            "always": bool(self.always.data),
            "day_minutes": self._day_minutes(),
        }

    def holiday_calendar(self, zone: str) -> Calendar | None:
        """The holidays of the form, saved or not, over an open week in *zone*; None where they cannot be read."""
        try:
            return Calendar(zone, ((DAY_HOURS,),) * 7, **self._holiday_content())
        except (Refused, CalendarProblem):
            return None

    def _holiday_content(self) -> dict[str, Any]:
        """What of the content closes whole days. Raises Refused with the field."""
        return {
            "country": self.country.data or "",
            "region": self.region.data or "",
            "holidays": self._lines("holidays"),
        }

    def _lines(self, name: str) -> list[str]:
        written = [part.strip() for part in (getattr(self, name).data or "").splitlines() if part.strip()]
        if len(written) > LINES:
            raise Refused(_("At most %(n)d lines", n=LINES), name)
        return [one.split()[0] for one in written] if name == "holidays" else written

    def _day_minutes(self) -> int:
        written = (self.day_hours.data or "").replace(",", ".").strip()
        if not written:
            return 0
        try:
            hours = float(written)
        except ValueError:
            hours = -1.0
        if not 0 < hours <= 24:
            raise Refused(_("Write hours such as 8 or 7.5"), "day_hours")
        return round(hours * 60)

    def reject(self, refusal: Refused) -> None:
        """Show the refusal of an action; the names of its fields are those of `Calendar`. A fault of the whole week is
        shown at the first day with hours."""
        field = {"day_minutes": "day_hours"}.get(refusal.field, refusal.field).removeprefix("week.")
        if field == "week":
            field = next((name for name in WEEKDAYS if getattr(self, name).data), "monday")
        super().reject(Refused(refusal.message, field))

    def fill(self, calendar: Calendar) -> None:
        """Show *calendar*."""
        data = calendar.data()
        self.zone.data, self.always.data = calendar.zone, calendar.always
        for name in WEEKDAYS:
            getattr(self, name).data = ", ".join(data["week"].get(name, ()))
        self.country.data, self.region.data = calendar.country, calendar.region
        self.offer_places()
        self.holidays.data = "\n".join(calendar.holidays)
        self.one_offs.data = "\n".join(
            " ".join(
                [one.day.isoformat(), format_interval(one.start, one.end), "open" if one.open else "closed", one.why]
            ).strip()
            for one in calendar.one_offs
        )
        self.day_hours.data = f"{calendar.day_minutes / 60:g}" if calendar.day_minutes else ""


def _one_off(written: str) -> Mapping[str, Any]:
    """ "2026-12-24 09:00-12:00 open Christmas Eve" as data: the hours may be left out for the whole day."""
    day, _space, rest = written.partition(" ")
    hours, _space, after = rest.strip().partition(" ")
    if hours in ("open", "closed"):
        hours, after = "", rest.strip()
    word, _space, why = after.strip().partition(" ")
    if word not in ("open", "closed"):
        raise Refused(
            _("Write each line like “2026-12-24 09:00-12:00 open” or “2026-12-31 closed New Year's Eve”"), "one_offs"
        )
    return {"day": day, "hours": hours, "open": word == "open", "why": why[:80]}
