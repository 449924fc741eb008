"""The planned window of an announcement as a calendar file (iCalendar, RFC 5545)."""

import datetime as dt
from dataclasses import dataclass

from icalendar import Calendar, Event


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One entry; *revision* grows with each change, so that a calendar replaces what it took before."""

    uid: str
    title: str
    text: str
    url: str
    begins: dt.datetime
    ends: dt.datetime
    written: dt.datetime
    revision: int


def write_calendar(entry: CalendarEntry) -> bytes:
    """A calendar with the one *entry*, in UTC: each calendar shows it in the zone of its reader."""
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", entry.written.astimezone(dt.UTC))
    event.add("dtstart", entry.begins.astimezone(dt.UTC))
    event.add("dtend", entry.ends.astimezone(dt.UTC))
    event.add("summary", entry.title)
    event.add("description", entry.text)
    event.add("url", entry.url)
    event.add("sequence", entry.revision)
    # It takes place beside one's own work: nobody is busy because of it.
    event.add("transp", "TRANSPARENT")
    calendar = Calendar()
    calendar.add("prodid", "-//Parley//Announcements//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    found: bytes = calendar.to_ical()
    return found
