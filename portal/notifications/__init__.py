"""Telling people: the bell, and the mails that the loop cannot do without."""
