"""Time that staff work on cases: entries, and timers that run."""
