"""Writes of approvals: each checks its permission and records an event."""
