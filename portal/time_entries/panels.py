"""Worked time on pages about cases."""

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases.models import Case
from portal.cases.queries.interface import Panel
from portal.kernel.context import Context
from portal.time_entries.labels import minutes_words
from portal.time_entries.queries import panel_numbers
from portal.time_entries.rules import measured_seconds


def records_time(ctx: Context) -> bool:
    """Whether the provider writes down worked time at all."""
    return bool(ctx.provider.records_time)


def time_panel(ctx: Context, case: Case) -> Panel | None:
    """The time worked on a case and the reader's timer, beside its conversation, for staff. One statement."""
    if ctx.actor.is_contact or not records_time(ctx):
        return None
    edits = can(ctx.actor, Permission.CASE_ANSWER, case) and not case.merged_into_id
    row = panel_numbers(ctx, case.id)
    if not edits and not row.minutes:
        return None
    measured = None if row.seconds is None else measured_seconds(row.seconds, row.started_at, ctx.now)
    values = {
        "worked": minutes_words(row.minutes) if row.minutes else "",
        "billable": minutes_words(row.billable),
        "edits": edits,
        "measured": measured,
        "measured_words": "" if measured is None else minutes_words(measured // 60),
        "running": row.started_at is not None,
    }
    return Panel("aside", "time_entries/_panel.html", values)
