"""Reads of canned replies."""
