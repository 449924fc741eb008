"""Reads of tasks."""

import uuid
from collections.abc import Sequence

from sqlalchemy.orm import joinedload

from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.kernel.context import Context
from portal.tasks.models import CaseTask
from portal.tenants.models import StaffMember

# One's own open tasks on one page.
LISTED = 200
_NAMES = (
    joinedload(CaseTask.assignee).joinedload(StaffMember.user, innerjoin=True),
    joinedload(CaseTask.done_by),
)


def tasks_of(ctx: Context, case_id: uuid.UUID) -> Sequence[CaseTask]:
    """The tasks of a case in their order, with the names of people. One statement."""
    rows = scope(ctx.actor, CaseTask).where(CaseTask.case_id == case_id)
    return ctx.session.scalars(rows.order_by(CaseTask.position, CaseTask.id).options(*_NAMES)).all()


def blocking_tasks(ctx: Context, case_id: uuid.UUID) -> Sequence[CaseTask]:
    """The open tasks of a case that must be done before it is resolved, in their order."""
    rows = scope(ctx.actor, CaseTask).where(CaseTask.case_id == case_id, CaseTask.mandatory, CaseTask.done_at.is_(None))
    return ctx.session.scalars(rows.order_by(CaseTask.position, CaseTask.id)).all()


def find_task(ctx: Context, case: Case, task_id: uuid.UUID) -> CaseTask | None:
    """One task of *case*; None for any other."""
    rows = scope(ctx.actor, CaseTask).where(CaseTask.case_id == case.id, CaseTask.id == task_id)
    return ctx.session.scalars(rows).one_or_none()


def own_tasks(ctx: Context) -> Sequence[CaseTask]:
    """The actor's open tasks on cases that they see and that are not over, the earliest day first, with their cases."""
    rows = (
        scope(ctx.actor, CaseTask)
        .join(Case, Case.id == CaseTask.case_id)
        .where(CaseTask.assignee_id == ctx.actor.staff_id, CaseTask.done_at.is_(None), Case.closed_at.is_(None))
    )
    rows = rows.options(joinedload(CaseTask.case, innerjoin=True).joinedload(Case.account, innerjoin=True))
    return ctx.session.scalars(rows.order_by(CaseTask.due_on.nulls_last(), CaseTask.id).limit(LISTED)).all()
