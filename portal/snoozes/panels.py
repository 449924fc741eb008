"""Snoozes on pages about cases, and in queues."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases.models import Case
from portal.cases.queries.interface import Panel
from portal.cases.queries.lists import View
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.snoozes.labels import due_warning, woken_label
from portal.snoozes.policies import is_set_aside
from portal.snoozes.queries import own_snooze, woken_cases

SNOOZED = View(
    "snoozed",
    lambda: _("Snoozed"),
    lambda: _("You put no case aside."),
    "history",
    is_set_aside,
)


def snooze_panel(ctx: Context, case: Case) -> Panel | None:
    """Until when the reader put the case aside, for staff. One statement."""
    if ctx.actor.is_contact or not case.unresolved or not can(ctx.actor, Permission.CASE_NOTE, case):
        return None
    row = own_snooze(ctx, case)
    if row is None:
        return None
    warning = due_warning(case.due_at, row.until, ctx.now)
    return Panel("aside", "snoozes/_panel.html", {"until": row.until, "warning": warning})


def woken_marks(ctx: Context, view: str, rows: Sequence[Any]) -> Mapping[Id, tuple[str, str]]:
    """The marks of cases that came back to one's own queue lately. One statement, in that queue only."""
    if view != "mine" or not rows:
        return {}
    return {case_id: ("woken", woken_label(why)) for case_id, why in woken_cases(ctx, [row.id for row in rows]).items()}
