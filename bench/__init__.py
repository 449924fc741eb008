"""Bulk data and measurements: outside the application's walls on purpose, and never imported by it."""
