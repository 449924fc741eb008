"""The writes of rules."""
