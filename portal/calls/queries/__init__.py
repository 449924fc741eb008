"""Reads of phone."""
