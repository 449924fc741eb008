"""Giving a case without an owner to somebody, as its department says."""

from sqlalchemy import update

from portal.assignment.engine.choice import choose
from portal.assignment.queries.candidates import lock_candidates
from portal.assignment.rules import Way
from portal.cases.actions import desk
from portal.cases.models import Case
from portal.cases.queries.staff import assignable_staff
from portal.kernel.context import Context
from portal.kernel.system_context import as_system
from portal.tenants.models import StaffDepartment
from portal.tenants.queries.departments import active_departments


def give_case(ctx: Context, case: Case) -> bool:
    """Give *case* to somebody of its department by the department's way; returns whether somebody got it.

    Records `case.assigned` (facts: way, by_department) by the system. An owner stays, whoever set them. Nobody gets it
    where the department assigns by hand, or where nobody of the case's tier who looks after the account has room: the
    case stays in "Unassigned". No statement for a department that assigns by hand.
    """
    if case.owner_id is not None or case.department_id is None or not case.unresolved:
        return False
    department = next((row for row in active_departments(ctx) if row.id == case.department_id), None)
    if department is None or department.assignment == Way.BY_HAND:
        return False
    way = Way(department.assignment)
    with as_system(ctx) as inner:
        candidates = lock_candidates(inner, department.id, case.tier, assignable_staff(inner, case))
        chosen = choose(way, candidates, department.most_open)
        if chosen is None:
            return False
        inner.session.execute(
            update(StaffDepartment)
            .where(StaffDepartment.department_id == department.id, StaffDepartment.staff_id == chosen)
            .values(served_at=inner.now)
            .execution_options(synchronize_session=False)
        )
        desk.assign(
            inner,
            case,
            owner_id=chosen,
            department_id=department.id,
            way=way.value,
            by_department=department.name,
        )
    return True
