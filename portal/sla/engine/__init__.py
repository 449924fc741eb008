"""How time is counted, pure: calendars, targets, and clocks as a fold over the events of a case."""
