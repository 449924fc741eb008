"""Calls on the case page: what is planned, and the way to ask for one."""

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.calls import labels
from portal.calls.queries.call_backs import lines_with_call_backs, open_call_backs_of
from portal.calls.queries.checks import checked_types, code_of_contact, latest_check
from portal.calls.queries.hotlines import lines
from portal.calls.rules import is_running
from portal.cases.models import Case
from portal.cases.queries.interface import Panel
from portal.kernel.context import Context


def call_panel(ctx: Context, case: Case) -> Panel | None:
    """The calls that are planned about *case*; nothing for a provider without call-backs."""
    if not lines_with_call_backs(ctx) or case.merged_into_id or case.moved_to_id:
        return None
    planned = open_call_backs_of(ctx, case.id)
    asks = ctx.actor.is_contact and not planned and can(ctx.actor, Permission.CASE_REPLY, case) and case.unresolved
    logs = ctx.actor.is_staff and can(ctx.actor, Permission.CASE_NOTE, case)
    if not planned and not asks and not logs:
        return None
    return Panel(
        "aside", "calls/_panel.html", {"planned": planned, "asks": asks, "logs": logs, "labels": labels, "case": case}
    )


def check_panel(ctx: Context, case: Case) -> Panel | None:
    """The running check for the contact on the phone; for staff what a sensitive case needs, and the last result."""
    check = latest_check(ctx, case)
    if ctx.actor.is_contact:
        if check is None or not is_running(check, ctx.now):
            return None
        values = {"check": check, "code": code_of_contact(check), "case": case}
        return Panel("top", "calls/_check.html", values)
    sensitive = case.request_type_id in checked_types(ctx)
    may = case.unresolved and can(ctx.actor, Permission.CASE_ANSWER, case)
    if not sensitive and check is None and not (may and lines(ctx)):
        return None
    values = {
        "check": check,
        "sensitive": sensitive,
        "may": may,
        "may_skip": may and sensitive and can(ctx.actor, Permission.CASE_SKIP_CHECK, case),
        "labels": labels,
        "case": case,
    }
    return Panel("aside", "calls/desk/_check.html", values)
