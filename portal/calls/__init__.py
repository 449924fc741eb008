"""Phone: hotlines with their hours, call-backs, logged calls."""
