"""Announcements in words."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.announcements.rules import RHYTHMS, AnnouncementKind
from portal.web.times import full_time, time_words

KIND_NAMES = {
    AnnouncementKind.OUTAGE: _l("Outage"),
    AnnouncementKind.MAINTENANCE: _l("Maintenance"),
    AnnouncementKind.WORKAROUND: _l("Workaround"),
    AnnouncementKind.NOTICE: _l("Notice"),
}
KIND_ICONS = {
    AnnouncementKind.OUTAGE: "warning",
    AnnouncementKind.MAINTENANCE: "tool",
    AnnouncementKind.WORKAROUND: "pin",
    AnnouncementKind.NOTICE: "megaphone",
}
STATE_NAMES = {
    "draft": _l("Draft"),
    "scheduled": _l("Scheduled"),
    "published": _l("Published"),
    "ended": _l("Ended"),
}
_RHYTHM_NAMES = {
    0: _l("No update is promised"),
    30: _l("Every 30 minutes"),
    60: _l("Every hour"),
    120: _l("Every 2 hours"),
    240: _l("Every 4 hours"),
    480: _l("Every 8 hours"),
    1440: _l("Every day"),
}
RHYTHM_CHOICES = [(str(minutes), _RHYTHM_NAMES[minutes]) for minutes in RHYTHMS]


def kind_name(kind: str) -> str:
    return str(KIND_NAMES[AnnouncementKind(kind)])


def kind_icon(kind: str) -> str:
    return KIND_ICONS[AnnouncementKind(kind)]


def status_time(moment: Any) -> str:
    """A time on the status page, whole and with its zone: its readers have none of their own."""
    return full_time(moment)


def state_name(state: str) -> str:
    return str(STATE_NAMES[state])


def titled(row: Any) -> str:
    """The kind and the title, as in a list: "Outage: VPN Warsaw"."""
    return _("%(kind)s: %(title)s", kind=kind_name(row.kind), title=row.title)


def window_words(row: Any) -> str:
    """The planned time, or since when it goes on: "Tue 14:00 – Tue 16:00"; '' if none is known."""
    begins = time_words(row.starts_at) if row.starts_at else ""
    ends = time_words(row.ends_at) if row.ends_at else ""
    if begins and ends:
        return _("%(begins)s – %(ends)s", begins=begins, ends=ends)
    if begins:
        return (
            _("since %(when)s", when=begins) if row.kind == AnnouncementKind.OUTAGE else _("from %(when)s", when=begins)
        )
    return _("until %(when)s", when=ends) if ends else ""


def answer_name(answer: str) -> str:
    """What somebody whom it hit said after its end; '' while they said nothing."""
    return {"works": _("works again"), "broken": _("still broken")}.get(answer, "")


def place_name(place: Any) -> str:
    """One target: an environment with its account, an account, or a service."""
    if place.service is not None:
        return _("Service: %(name)s", name=place.service)
    if place.environment is not None:
        return _("%(account)s: %(environment)s", account=place.account, environment=place.environment)
    return str(place.account)
