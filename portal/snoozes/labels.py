"""Words of snoozes."""

import datetime as dt
from typing import Any

from flask_babel import gettext as _

from portal.snoozes.rules import OfferedMoment
from portal.web.times import day_words, time_words

EVENTS = ("snooze.began", "snooze.ended", "snooze.taken_back")


def offer_label(offer: OfferedMoment) -> str:
    """The name of an offered moment, with the moment."""
    names = {
        "later": _("Later today"),
        "tomorrow": _("Tomorrow morning"),
        "next_day": _("Next working day"),
        "monday": _("Next Monday"),
    }
    words = [names[offer.key], time_words(offer.at)]
    return " · ".join([*words, day_words(offer.at)] if offer.key in ("next_day", "monday") else words)


def woken_label(why: str) -> str:
    """The mark of a case that woke."""
    return {"replied": _("Back: the customer wrote"), "assigned": _("Back: assigned to you")}.get(why, _("Back again"))


def due_warning(due_at: dt.datetime | None, until: dt.datetime, now: dt.datetime) -> str:
    """That a promise is late, or falls due before a snooze ends; '' if none does."""
    if due_at is None or due_at >= until:
        return ""
    if due_at <= now:
        return _("A promise is late since %(when)s. Its clock goes on.", when=time_words(due_at))
    return _("A promise falls due before that: %(when)s. Its clock goes on.", when=time_words(due_at))


def timeline_line(event: Any, *, staff_side: bool) -> str:
    """None: a snooze is its person's own affair."""
    return ""


def history_line(event: Any) -> str:
    """The line of the change log of a case."""
    if event.name == "snooze.began":
        return _("Snoozed")
    return _("Snooze ended") if event.name == "snooze.ended" else _("Snooze taken back")
