"""Tasks on pages about cases."""

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases.models import Case
from portal.cases.queries.interface import Panel, Verb
from portal.kernel.context import Context
from portal.tasks.queries import blocking_tasks, tasks_of


def tasks_panel(ctx: Context, case: Case) -> Panel | None:
    """The tasks of a case beside its conversation, for staff. One statement."""
    if ctx.actor.is_contact:
        return None
    tasks, edits = tasks_of(ctx, case.id), can(ctx.actor, Permission.CASE_NOTE, case) and not case.merged_into_id
    if not tasks and not edits:
        return None
    return Panel("aside", "tasks/_panel.html", {"tasks": tasks, "edits": edits})


def tasks_before_resolving(ctx: Context, verb: Verb) -> Panel | None:
    """On the page that resolves a case: the tasks that must be done first."""
    if verb.name != "resolved" or ctx.actor.is_contact:
        return None
    waiting = blocking_tasks(ctx, verb.case.id)
    return Panel("verb", "tasks/_blocking.html", {"tasks": waiting, "case": verb.case}) if waiting else None
