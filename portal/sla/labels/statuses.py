"""Promises in the reader's words: chips of the desk, sentences of the portal, targets, reasons (ux.md 3.8, 5)."""

import datetime as dt
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.sla.engine.clock_status import Reading
from portal.sla.engine.policy import Kind, Target, parse
from portal.sla.labels.names import kind_label as kind_label
from portal.sla.labels.names import reason_label as reason_label
from portal.sla.labels.names import reasons as reasons
from portal.web import times
from portal.web.page_frame import utc_iso


def kind_name(kind: str) -> str:
    """The name of a clock inside a line: small letters."""
    return {
        Kind.FIRST_RESPONSE: _("first reply"),
        Kind.NEXT_RESPONSE: _("next reply"),
        Kind.NEXT_UPDATE: _("next update"),
        Kind.RESOLUTION: _("resolution"),
    }[Kind(kind)]


def kind_told(kind: str) -> str:
    """What a clock promises, as a sentence for whoever reads a receipt."""
    return {
        Kind.FIRST_RESPONSE: _("From opening the case to the first public answer. It never pauses."),
        Kind.NEXT_RESPONSE: _("From a message that waits for an answer to the next public answer. It never pauses."),
        Kind.NEXT_UPDATE: _(
            "From one public word of support to the next. It pauses while support waits for an answer."
        ),
        Kind.RESOLUTION: _("From opening the case to a solution. It pauses while support waits for somebody."),
    }[Kind(kind)]


# -- durations --------------------------------------------------------------------------------------------------------


def short(span: dt.timedelta) -> str:
    """ "0:12", "3:58", "2 d 4 h": how much, on a chip. The same as `span` in app.js."""
    minutes = int(abs(span.total_seconds())) // 60
    hours = minutes // 60
    if hours < 24:
        return f"{hours}:{minutes % 60:02}"
    return _("%(d)d d %(h)d h", d=hours // 24, h=hours % 24)


def spoken(span: dt.timedelta) -> str:
    """ "12 min", "3 h 58 min", "2 days 4 h": how much, in a sentence."""
    minutes = int(abs(span.total_seconds())) // 60
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        days = ngettext("%(num)d day", "%(num)d days", hours // 24)
        return _("%(days)s %(h)d h", days=days, h=hours % 24) if hours % 24 else days
    if not hours:
        return _("%(m)d min", m=minutes)
    return _("%(h)d h %(m)d min", h=hours, m=minutes) if minutes else _("%(h)d h", h=hours)


def counted(span: dt.timedelta, working: bool) -> str:
    """As `spoken`, with the word that says when it is working time."""
    return _("%(time)s in support hours", time=spoken(span)) if working else spoken(span)


def amount(number: int, unit: str) -> str:
    """ "15 minutes", "1 business day"."""
    return {
        "minute": ngettext("%(num)d minute", "%(num)d minutes", number),
        "hour": ngettext("%(num)d hour", "%(num)d hours", number),
        "day": ngettext("%(num)d business day", "%(num)d business days", number),
        "week": ngettext("%(num)d week", "%(num)d weeks", number),
    }[unit]


def target(found: Target | None, *, always: bool = False) -> str:
    """A target as a policy says it: "4 hours in support hours", "1 hour in support hours, 4 hours outside",
    "15 minutes, day and night", "1 business day"; *always*: the calendar never closes, so the words are shorter."""
    if found is None:
        return _("not promised")
    text = amount(found.amount, found.unit)
    if (found.always and found.unit == "day") or (always and found.unit == "day"):
        text = ngettext("%(num)d day", "%(num)d days", found.amount)
    if found.outside is not None and not always:
        return _("%(time)s in support hours, %(other)s outside", time=text, other=amount(*found.outside))
    if found.always and not always and found.unit != "week":
        return _("%(time)s, day and night", time=text)
    if not always and found.unit in ("minute", "hour"):
        return _("%(time)s in support hours", time=text)
    return text


def rhythm(found: Target) -> str:
    """How often news come: "every hour, day and night", "every 4 hours in support hours", "every week"."""
    if found.amount != 1:
        return _("every %(time)s", time=target(found))
    text = {
        "minute": _("every minute"),
        "hour": _("every hour"),
        "day": _("every business day"),
        "week": _("every week"),
    }[found.unit]
    if found.unit in ("day", "week"):
        return text
    return _("%(time)s, day and night", time=text) if found.always else _("%(time)s in support hours", time=text)


# -- the desk's chips -------------------------------------------------------------------------------------------------


def chip_text(one: Reading) -> str:
    """What stands on the chip (ux.md 3.8)."""
    match one.state:
        case "late":
            return _("%(time)s late", time=short(one.left))
        case "paused":
            return _("paused")
        case "closed":
            return opens(one)
        case "met":
            return _("in %(time)s", time=spoken(one.left))
        case "missed":
            return _("%(time)s late", time=spoken(one.left))
        case "void":
            return _("not needed")
    if one.working:
        return _("%(time)s business", time=short(one.left))
    return _("%(time)s left", time=short(one.left))


def opens(one: Reading) -> str:
    """ "opens Mon 09:00"."""
    return _("opens %(when)s", when=times.short_time_words(one.opens)) if one.opens else _("paused")


def paused_by(why: str) -> str:
    """Why a clock stands still, for staff."""
    return {
        "waiting": _("waiting for customer"),
        "on_hold": _("on hold"),
        "resolved": _("resolved, waiting for acceptance"),
    }.get(why, why)


def sentence(one: Reading) -> str:
    """The whole of a chip in words: which clock, when it is due with the zone."""
    name = kind_label(one.kind)
    match one.state:
        case "late" if one.due is not None:
            return _("%(clock)s was due %(when)s,", clock=name, when=times.full_time(one.due))
        case "paused":
            return _("%(clock)s is paused: %(why)s.", clock=name, why=paused_by(one.why))
        case "closed" if one.due is not None:
            return _(
                "%(clock)s due %(when)s. Support is closed now and opens %(opens)s.",
                clock=name,
                when=times.full_time(one.due),
                opens=times.full_time(one.opens) if one.opens else "",
            )
        case "met":
            return _("%(clock)s: done in time.", clock=name)
        case "missed":
            return _("%(clock)s: done late.", clock=name)
        case "void":
            return _("%(clock)s: the case ended in time without it.", clock=name)
    return _("%(clock)s due %(when)s,", clock=name, when=times.full_time(one.due)) if one.due else name


def said(one: Reading) -> str:
    """How much is left, after the sentence; '' where nothing counts."""
    if one.state == "late":
        return _("%(time)s late", time=short(one.left))
    return _("%(time)s left", time=short(one.left)) if one.runs and one.state != "closed" else ""


def chip(one: Reading, now: dt.datetime) -> dict[str, Any]:
    """The arguments of the macro `sla_chip`."""
    data: dict[str, Any] = {}
    if one.runs and one.state != "closed":
        data["whole"] = int(one.whole.total_seconds())
        if one.working and one.state != "late":
            data |= {"left": int(one.left.total_seconds()), "at": utc_iso(now)}
            if one.until is not None:
                data |= {"until": utc_iso(one.until), "then": opens(one)}
    return {
        "state": "met" if one.state == "void" else one.looks,
        "text": chip_text(one),
        "sentence": sentence(one),
        "due": utc_iso(one.due) if one.due is not None and one.runs and one.state != "closed" else None,
        "said": said(one),
        "data": data,
    }


# -- what customers read ----------------------------------------------------------------------------------------------


def promised(one: Reading, *, dates: bool = True) -> str:
    """A promise as its customer reads it: never a counter, never red numbers; without *dates* only how it stands."""
    match one.state:
        case "late":
            return _("Later than promised")
        case "paused":
            return _("Paused, your turn") if one.why == "waiting" else _("Paused")
        case "met" | "void":
            return _("Done in time")
        case "missed":
            return _("Done late")
    if not dates:
        return _("In the agreed time")
    return _("Promised by %(when)s", when=times.time_words(one.due)) if one.due else ""


def promised_mark(one: Reading) -> str:
    """The look of it on the portal: calm, also when it is late."""
    return {"late": "due_soon", "paused": "paused", "met": "met", "void": "met", "missed": "missed"}.get(
        one.state, "on_track"
    )


def news_by(one: Reading, *, dates: bool = True) -> str:
    """ "next update by Fri 16:00", for a list; '' where nothing is promised, or when is not shown."""
    if one.state == "late":
        return _("later than promised")
    if one.state == "paused" or one.due is None or not dates:
        return ""
    if one.kind == Kind.RESOLUTION:
        return _("solution by %(when)s", when=times.time_words(one.due))
    return _("%(what)s by %(when)s", what=kind_name(one.kind), when=times.time_words(one.due))


def source_label(source: str, *, organization: str = "", account: str = "") -> str:
    """Where an effective value comes from."""
    return {
        "account": _("agreed with this account"),
        "organization": _("agreed with %(name)s", name=organization) if organization else _("from the organization"),
        "provider": _("agreed with everybody"),
        "policy": _("the policy's own"),
    }.get(source, "")


# -- what is kept as data ---------------------------------------------------------------------------------------------


def written(moment: str) -> str:
    """A moment that was kept with a case, in the reader's words."""
    return times.full_time(dt.datetime.fromisoformat(moment))


def target_written(text: str) -> str:
    """A target that was kept with a case, in the reader's words."""
    return target(parse(text))


def paused_for(why: str) -> str:
    """Why a stretch did not count, for both sides."""
    return {
        "waiting": _("support waited for your answer"),
        "on_hold": _("support waited for somebody else"),
        "resolved": _("a solution waited to be accepted"),
    }.get(why, why)
