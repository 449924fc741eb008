"""Writes of the administration: `providers` (a new provider), `background_jobs` (retrying what failed)."""
