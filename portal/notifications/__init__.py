"""Notifications: the bell and mails."""
