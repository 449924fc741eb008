"""Announcements of a provider: outages, maintenance, notices and workarounds, for those whom they affect."""
