"""What is promised, counted and escalated: calendars, policies, clocks. `calendar`, `policy`, `clocks` are pure."""
