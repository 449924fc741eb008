"""Writes of phone."""
