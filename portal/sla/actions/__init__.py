"""Writes about promises. Each checks its permission and records an event."""
