"""Looking at a case as its contact sees it."""

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.models import Case
from portal.kernel.context import Context
from portal.kernel.events import record


def start_customer_view(ctx: Context, case: Case, reason: str) -> None:
    """Let the actor look at *case* as its contact sees it for a while, for *reason*, which the contact is told. Records
    `case.viewed_as_customer` (facts: reason, contact); `cases.queries.customer_views` reads it."""
    require(ctx.actor, Permission.CASE_READ, case)
    record(ctx, "case.viewed_as_customer", case, case=case, reason=reason, contact=str(case.contact_user_id))
