"""Adding, changing, ordering and doing the tasks of a case."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import func, select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.actions.transitions import check_not_redirected
from portal.cases.models import Case, CaseLocation
from portal.cases.queries.staff import assignable_staff
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.tasks.models import CaseTask
from portal.tasks.queries import blocking_tasks

TASK_LETTERS = 300
MOST_TASKS = 50
# How many tasks a refusal names.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """What a task says."""

    text: str
    mandatory: bool = False
    assignee_id: Id | None = None
    due_on: dt.date | None = None


def add_task(ctx: Context, case: Case, facts: TaskFacts) -> CaseTask:
    """Put a task at the end of the list of *case*; records `task.added` (facts: text, mandatory), and `task.assigned`
    (facts: text, staff) for whoever has it. Raises Refused for no text, somebody who does not look after the case, and
    more than MOST_TASKS."""
    _check_case(ctx, case)
    _check_facts(ctx, case, facts, None)
    own = CaseTask.case_id == case.id
    number, last = ctx.session.execute(select(func.count(), func.max(CaseTask.position)).where(own)).one()
    if number >= MOST_TASKS:
        raise Refused(_("A case has at most %(most)d tasks", most=MOST_TASKS), "text")
    place = CaseLocation.of(case).columns()
    row = CaseTask(**place, position=(last or 0) + 1, added_at=ctx.now, **_columns(facts))
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "task.added", case, case=case, text=facts.text, mandatory=facts.mandatory)
    _tell_assignee(ctx, case, row, None)
    return row


def change_task(ctx: Context, case: Case, task: CaseTask, facts: TaskFacts) -> None:
    """Change what a task says; records `task.changed` (facts: text from and to) if anything differs, and
    `task.assigned` as `add_task`, for somebody new. Raises as `add_task`."""
    _check_case(ctx, case)
    _check_facts(ctx, case, facts, task.assignee_id)
    before = TaskFacts(task.text, task.mandatory, task.assignee_id, task.due_on)
    if facts == before:
        return
    task.text, task.mandatory, task.assignee_id, task.due_on = (
        facts.text,
        facts.mandatory,
        facts.assignee_id,
        facts.due_on,
    )
    ctx.session.flush()
    record(ctx, "task.changed", case, case=case, text=[before.text, facts.text])
    _tell_assignee(ctx, case, task, before.assignee_id)


def _tell_assignee(ctx: Context, case: Case, task: CaseTask, before: Id | None) -> None:
    """Record that somebody new has the task; notifications tell them, unless they took it themselves."""
    if task.assignee_id is not None and task.assignee_id != before:
        record(ctx, "task.assigned", case, case=case, text=task.text, staff=str(task.assignee_id))


def set_done(ctx: Context, case: Case, task: CaseTask, *, done: bool) -> None:
    """Tick a task off, or open it again; records `task.done` or `task.reopened` (facts: text)."""
    _check_case(ctx, case)
    if done == (task.done_at is not None):
        return
    task.done_at, task.done_by_id = (ctx.now, ctx.actor.user_id) if done else (None, None)
    ctx.session.flush()
    record(ctx, "task.done" if done else "task.reopened", case, case=case, text=task.text)


def move_up(ctx: Context, case: Case, task: CaseTask) -> None:
    """Change places with the task before it, if there is one."""
    _check_case(ctx, case)
    before = ctx.session.scalars(
        select(CaseTask)
        .where(CaseTask.case_id == case.id, CaseTask.position < task.position)
        .order_by(CaseTask.position.desc())
        .limit(1)
    ).one_or_none()
    if before is not None:
        before.position, task.position = task.position, before.position
        ctx.session.flush()


def remove_task(ctx: Context, case: Case, task: CaseTask) -> None:
    """Take a task off the list; records `task.removed` (facts: text)."""
    _check_case(ctx, case)
    ctx.session.delete(task)
    ctx.session.flush()
    record(ctx, "task.removed", case, case=case, text=task.text)


def require_tasks_done(ctx: Context, case: Case, _answers: Mapping[str, str]) -> None:
    """Before a case is resolved: raise Refused, which names them, while mandatory tasks are open."""
    waiting = blocking_tasks(ctx, case.id)
    if not waiting:
        return
    names = "; ".join(f"“{task.text}”" for task in waiting[:_NAMED])
    if len(waiting) > _NAMED:
        names = _("%(names)s and %(n)d more", names=names, n=len(waiting) - _NAMED)
    raise Refused(_("Tasks that must be done first are still open: %(names)s", names=names))


def carry_tasks(ctx: Context, case: Case, target: Case) -> None:
    """Move the open tasks of *case* to *target*, in which it continues, after those that are there."""
    last = ctx.session.scalar(select(func.max(CaseTask.position)).where(CaseTask.case_id == target.id)) or 0
    rows = select(CaseTask).where(CaseTask.case_id == case.id, CaseTask.done_at.is_(None)).order_by(CaseTask.position)
    for number, task in enumerate(ctx.session.scalars(rows).all(), start=1):
        task.case_id, task.position = target.id, last + number
    ctx.session.flush()


def _columns(facts: TaskFacts) -> dict[str, object]:
    return {
        "text": facts.text,
        "mandatory": facts.mandatory,
        "assignee_id": facts.assignee_id,
        "due_on": facts.due_on,
    }


def _check_case(ctx: Context, case: Case) -> None:
    require(ctx.actor, Permission.CASE_NOTE, case)
    check_not_redirected(case)


def _check_facts(ctx: Context, case: Case, facts: TaskFacts, stays: Id | None) -> None:
    if not facts.text.strip():
        raise Refused(_("Write what is to be done"), "text")
    if facts.assignee_id is not None and facts.assignee_id not in (stays, *assignable_staff(ctx, case)):
        raise Refused(_("Choose somebody who looks after this account"), "assignee")
