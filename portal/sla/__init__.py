"""Promises, their counting and escalation: calendars, policies, clocks. The modules of `engine` are pure."""
