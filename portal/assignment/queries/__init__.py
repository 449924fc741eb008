"""Reads of who may get cases."""
