"""What later features may use of promises: support hours."""

from portal.sla.engine.calendar import Calendar, CalendarProblem, NeverOpen, parse_calendar

__all__ = ["Calendar", "CalendarProblem", "NeverOpen", "parse_calendar"]
