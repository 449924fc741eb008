"""Words for worked time."""

from typing import Any

from flask_babel import gettext as _

EVENTS = ("time.added", "time.changed", "time.removed")


def minutes_words(minutes: int) -> str:
    """*minutes* as a reader sees them: "45 min", "2 h", "1 h 30 min"."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(n)d min", n=rest)
    return _("%(h)d h %(n)d min", h=hours, n=rest) if rest else _("%(h)d h", h=hours)


def history_line(event: Any) -> str:
    """The line of an event of worked time in the history of its case."""
    text = event.facts["text"]
    if event.name == "time.changed":
        was, now = event.facts["minutes"]
        return _(
            "Time changed from %(was)s to %(now)s: %(text)s",
            was=_kind_words(was, event.facts["billable"][0]),
            now=_kind_words(now, event.facts["billable"][1]),
            text=text,
        )
    worked = _kind_words(event.facts["minutes"], event.facts["billable"])
    if event.name == "time.added":
        return _("Time added, %(time)s: %(text)s", time=worked, text=text)
    return _("Time removed, %(time)s: %(text)s", time=worked, text=text)


def _kind_words(minutes: int, billable: bool) -> str:
    worked = minutes_words(minutes)
    return _("%(time)s billable", time=worked) if billable else _("%(time)s not billable", time=worked)
