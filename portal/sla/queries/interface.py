"""What later features may use of promises: support hours."""

from portal.sla.engine.calendar import Calendar, CalendarProblem, parse_calendar

__all__ = ["Calendar", "CalendarProblem", "parse_calendar"]
