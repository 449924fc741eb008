"""The typed moment of the testers of calendars and policies."""

import datetime as dt

from flask_babel import gettext as _

from portal.kernel.errors import Refused


def read_trial_moment(written: str | None, zone: dt.tzinfo) -> dt.datetime:
    """The moment *written* as ISO 8601, in UTC; without an offset it is a local time of *zone*.

    Raises Refused (field `try_at`) for anything but a moment of the years 2000 to 2100.
    """
    try:
        at = dt.datetime.fromisoformat(written or "")
    except ValueError:
        at = None
    if at is None or not 2000 <= at.year <= 2100:
        raise Refused(_("Write a date and time like 2026-11-13 17:30"), "try_at")
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(dt.UTC)
