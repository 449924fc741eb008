"""Durations and targets in the language of the reader."""

import datetime as dt

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.sla.engine.policy import Target, parse_target
from portal.sla.labels.names import breach_reason_choices as breach_reason_choices
from portal.sla.labels.names import breach_reason_label as breach_reason_label
from portal.sla.labels.names import kind_label as kind_label


def short_duration(span: dt.timedelta) -> str:
    """ "12 min", "3 h 58 min", "22 h", "2 d 4 h": how much, on a chip. Like `span` in app.js."""
    hours, minutes = divmod(int(abs(span.total_seconds())) // 60, 60)
    if hours >= 24:
        return _("%(d)d d %(h)d h", d=hours // 24, h=hours % 24)
    if not hours:
        return _("%(m)d min", m=minutes)
    # From ten hours on the minutes say nothing.
    return _("%(h)d h %(m)d min", h=hours, m=minutes) if minutes and hours < 10 else _("%(h)d h", h=hours)


def duration(span: dt.timedelta) -> str:
    """ "12 min", "3 h 58 min", "2 days 4 h": how much, in a sentence."""
    minutes = int(abs(span.total_seconds())) // 60
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        days = ngettext("%(num)d day", "%(num)d days", hours // 24)
        return _("%(days)s %(h)d h", days=days, h=hours % 24) if hours % 24 else days
    if not hours:
        return _("%(m)d min", m=minutes)
    return _("%(h)d h %(m)d min", h=hours, m=minutes) if minutes else _("%(h)d h", h=hours)


def counted_duration(span: dt.timedelta, working: bool) -> str:
    """Like `duration`, with a word that marks working time."""
    return _("%(time)s in support hours", time=duration(span)) if working else duration(span)


def amount_label(number: int, unit: str) -> str:
    """ "15 minutes", "1 business day"."""
    return {
        "minute": ngettext("%(num)d minute", "%(num)d minutes", number),
        "hour": ngettext("%(num)d hour", "%(num)d hours", number),
        "day": ngettext("%(num)d business day", "%(num)d business days", number),
        "week": ngettext("%(num)d week", "%(num)d weeks", number),
    }[unit]


def target_label(found: Target | None, *, always: bool = False) -> str:
    """A target in words: "4 hours in support hours", "1 hour in support hours, 4 hours outside", "15 minutes, day and
    night", "1 business day"; *always*: the calendar never closes, so the words are shorter."""
    if found is None:
        return _("not promised")
    text = amount_label(found.amount, found.unit)
    if (found.always and found.unit == "day") or (always and found.unit == "day"):
        text = ngettext("%(num)d day", "%(num)d days", found.amount)
    if found.outside is not None and not always:
        return _("%(time)s in support hours, %(other)s outside", time=text, other=amount_label(*found.outside))
    if found.always and not always and found.unit != "week":
        return _("%(time)s, day and night", time=text)
    if not always and found.unit in ("minute", "hour"):
        return _("%(time)s in support hours", time=text)
    return text


def rhythm_label(found: Target) -> str:
    """The interval of updates: "every hour, day and night", "every 4 hours in support hours", "every week"."""
    if found.amount != 1:
        return _("every %(time)s", time=target_label(found))
    text = {
        "minute": _("every minute"),
        "hour": _("every hour"),
        "day": _("every business day"),
        "week": _("every week"),
    }[found.unit]
    if found.unit in ("day", "week"):
        return text
    return _("%(time)s, day and night", time=text) if found.always else _("%(time)s in support hours", time=text)


def stored_target_label(text: str) -> str:
    """A target that was stored with a case, in the reader's language."""
    return target_label(parse_target(text))
