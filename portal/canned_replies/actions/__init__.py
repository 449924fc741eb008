"""Writes of canned replies."""
