"""URLs of case pages."""

from flask import url_for

from portal.cases.models import Case
from portal.cases.pages.queue_trail import queue_trail


def desk_case_url(case: Case, anchor: str = "") -> str:
    """The case page of the desk, with the trail of the queue."""
    return url_for("desk.show", key=case.key, _anchor=anchor or None, **queue_trail())


def portal_case_url(case: Case, anchor: str = "") -> str:
    """The case page of the portal."""
    return url_for("cases.show", key=case.key, _anchor=anchor or None)
