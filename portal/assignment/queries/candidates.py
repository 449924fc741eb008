"""Who of a department may get a case, and how many they have."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select

from portal.assignment.engine.choice import AssignmentCandidate
from portal.assignment.rules import MOST_CANDIDATES
from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.cases.queries.status_filter import SUPPORT_TURN_CASE
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.tenants.models import StaffDepartment, StaffMember


def lock_candidates(ctx: Context, department_id: Id, tier: int, able: Collection[Id]) -> Sequence[AssignmentCandidate]:
    """Those of *able* (staff ids) who work in the department in *tier*, with their loads as of now.

    Their rows are locked until the end of the transaction, in the order of ids, so that two cases opened at once are
    counted one after the other, also in two departments with the same people. Needs a context of the system.
    """
    members = (
        scope(ctx.actor, StaffMember)
        .join(StaffDepartment, StaffDepartment.staff_id == StaffMember.id)
        .where(
            StaffDepartment.department_id == department_id,
            StaffMember.tier == tier,
            StaffMember.active,
            StaffMember.id.in_(able),
        )
        .order_by(StaffMember.id)
        .limit(MOST_CANDIDATES)
        .with_only_columns(StaffMember.id)
    )
    # A weaker lock than that of a change of the key: rows that refer to the member are stored meanwhile.
    ids = ctx.session.scalars(members.with_for_update(of=StaffMember, key_share=True)).all()
    if not ids:
        return []
    # A statement of its own: it sees what was committed while the locks were waited for. What waits for the customer or
    # is on hold fills nobody's hands.
    load = (
        select(func.count())
        .where(Case.owner_id == StaffDepartment.staff_id, SUPPORT_TURN_CASE)
        .correlate(StaffDepartment)
        .scalar_subquery()
    )
    rows = (
        scope(ctx.actor, StaffDepartment)
        .where(StaffDepartment.department_id == department_id, StaffDepartment.staff_id.in_(ids))
        .with_only_columns(StaffDepartment.staff_id, load, StaffDepartment.served_at)
    )
    return [AssignmentCandidate(*row) for row in ctx.session.execute(rows)]
