"""The state of a clock in the language of the reader: chips of the desk, sentences of the portal (ux.md 3.8, 5)."""

import datetime as dt
from typing import Any

from flask_babel import gettext as _

from portal.sla.engine.clock_status import ClockStatus
from portal.sla.engine.policy import ClockKind
from portal.sla.labels.durations import duration, short_duration
from portal.sla.labels.names import kind_label, kind_name, pause_label
from portal.web import times
from portal.web.page_frame import utc_iso

# -- the desk's chips -------------------------------------------------------------------------------------------------


def chip_text(one: ClockStatus) -> str:
    """The text of the chip (ux.md 3.8)."""
    match one.state:
        case "late":
            return _("%(time)s late", time=short_duration(one.left))
        case "paused":
            return _("paused")
        case "closed":
            return opening_label(one)
        case "met":
            return _("in %(time)s", time=duration(one.left))
        case "missed":
            return _("%(time)s late", time=duration(one.left))
        case "void":
            return _("not needed")
    if one.working:
        return _("%(time)s business", time=short_duration(one.left))
    return _("%(time)s left", time=short_duration(one.left))


def opening_label(one: ClockStatus) -> str:
    """ "opens Mon 09:00"."""
    return _("opens %(when)s", when=times.short_time_words(one.opens)) if one.opens else _("paused")


def status_sentence(one: ClockStatus) -> str:
    """The sentence of a chip: which clock, when it is due with the zone."""
    name = kind_label(one.kind)
    match one.state:
        case "late" if one.due is not None:
            return _("%(clock)s was due %(when)s,", clock=name, when=times.full_time(one.due))
        case "paused":
            return _("%(clock)s is paused: %(why)s.", clock=name, why=pause_label(one.why))
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
            return _("%(clock)s: not needed, the case ended in time.", clock=name)
    return _("%(clock)s due %(when)s,", clock=name, when=times.full_time(one.due)) if one.due else name


def remaining_label(one: ClockStatus) -> str:
    """The time left, for after the sentence; '' while nothing counts."""
    if one.state == "late":
        return _("%(time)s late", time=short_duration(one.left))
    return _("%(time)s left", time=short_duration(one.left)) if one.runs and one.state != "closed" else ""


def chip(one: ClockStatus, now: dt.datetime) -> dict[str, Any]:
    """The arguments of the macro `sla_chip`."""
    data: dict[str, Any] = {}
    if one.runs and one.state != "closed":
        data["whole"] = int(one.whole.total_seconds())
        if one.working and one.state != "late":
            data |= {"left": int(one.left.total_seconds()), "at": utc_iso(now)}
            if one.until is not None:
                data |= {"until": utc_iso(one.until), "then": opening_label(one)}
    return {
        "state": "met" if one.state == "void" else one.chip_state,
        "text": chip_text(one),
        "sentence": status_sentence(one),
        "due": utc_iso(one.due) if one.due is not None and one.runs and one.state != "closed" else None,
        "said": remaining_label(one),
        "data": data,
    }


# -- what customers read ----------------------------------------------------------------------------------------------


def promise_label(one: ClockStatus, *, dates: bool = True) -> str:
    """A promise as its customer reads it: never a counter, never red numbers; without *dates* only its state."""
    match one.state:
        case "late":
            return _("Later than promised")
        case "paused":
            if one.why == "approval":
                return _("Paused, waits for a yes")
            return _("Paused, your turn") if one.why == "waiting" else _("Paused")
        case "met" | "void":
            return _("Done in time")
        case "missed":
            return _("Done late")
    if not dates:
        return _("In the agreed time")
    return _("Promised by %(when)s", when=times.time_words(one.due)) if one.due else ""


def promise_state(one: ClockStatus) -> str:
    """The state of its chip on the portal: calm, also when it is late."""
    return {"late": "due_soon", "paused": "paused", "met": "met", "void": "met", "missed": "missed"}.get(
        one.state, "on_track"
    )


def next_news_label(one: ClockStatus, *, dates: bool = True) -> str:
    """ "next update by Fri 16:00", for a list; '' without a promise, or if times are not shown."""
    if one.state == "late":
        return _("later than promised")
    if one.state == "paused" or one.due is None or not dates:
        return ""
    if one.kind == ClockKind.RESOLUTION:
        return _("solution by %(when)s", when=times.time_words(one.due))
    return _("%(what)s by %(when)s", what=kind_name(one.kind), when=times.time_words(one.due))


# -- what is kept as data ---------------------------------------------------------------------------------------------


def time_label(moment: str) -> str:
    """A moment that was stored with a case, in the reader's language."""
    return times.full_time(dt.datetime.fromisoformat(moment))
