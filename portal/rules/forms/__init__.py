"""The forms of rules."""
