"""The case that somebody of support takes next."""

from sqlalchemy import literal_column, or_

from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.cases.queries.detail import by_id
from portal.cases.queries.lists import SORTS, not_set_aside
from portal.cases.queries.status_filter import SUPPORT_TURN_CASE
from portal.kernel.context import Context


def lock_next_case(ctx: Context) -> Case | None:
    """The case without an owner that the actor takes next, locked; None where there is none.

    It is the one whose nearest promise falls due first, of those that the actor sees and did not put aside, in their
    departments or in none (who has no department serves all), up to their tier, while the turn is support's. Who asks
    at the same moment gets the one after: a case that another transaction holds is passed over.
    """
    actor = ctx.actor
    # A literal, as the partial index of escalated cases needs it.
    tier = str(int(max(actor.tier, 1)))
    rows = scope(actor, Case).where(
        Case.owner_id.is_(None),
        SUPPORT_TURN_CASE,
        Case.tier <= literal_column(tier),
        *not_set_aside(actor),
    )
    if actor.department_ids:
        rows = rows.where(or_(Case.department_id.in_(actor.department_ids), Case.department_id.is_(None)))
    first = rows.with_only_columns(Case.id).order_by(*SORTS["due"]).limit(1)
    found = ctx.session.scalars(first.with_for_update(of=Case, skip_locked=True)).one_or_none()
    return by_id(ctx, found, lock=True) if found is not None else None
