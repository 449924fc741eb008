"""The tasks of a case, and one's own."""

from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.models import Case
from portal.cases.queries import by_key
from portal.cases.queries.names import staff_names
from portal.cases.queries.staff import assignable_staff
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.text import fold
from portal.tasks import actions, queries
from portal.tasks.forms import TaskForm
from portal.tasks.models import CaseTask
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import FeatureBlueprint, requires
from portal.web.htmx import page, see
from portal.web.urls import carried_query, id_parameter

tasks = FeatureBlueprint("tasks", __name__)
notes = requires(Permission.CASE_NOTE)


@tasks.get("/desk/tasks")
@notes
def own() -> Any:
    """The actor's open tasks, the earliest day first."""
    return page("tasks/own.html", rows=queries.own_tasks(ctx()))


@tasks.get("/desk/cases/<key:key>/tasks")
@notes
def index(key: str) -> Any:
    """The tasks of a case, and the form of a new one; with `?task=` that of one of them."""
    context = ctx()
    case = load_case(context, key)
    chosen = id_parameter("task")
    row = queries.find_task(context, case, chosen) if chosen is not None else None
    return show_tasks(context, case, form_of(row), row=row)


@tasks.post("/desk/cases/<key:key>/tasks")
@notes
def change(key: str) -> Any:
    """Add a task, or do what the button of one says."""
    context, form = ctx(), TaskForm()
    case = load_case(context, key, lock=True)
    chosen = ids.parse_id(form.task.data)
    row = queries.find_task(context, case, chosen) if chosen is not None else None
    failed = submit_form(form, lambda: use_verb(context, case, row, form))
    if failed:
        case = by_key(context, key)
        row = queries.find_task(context, case, chosen) if chosen is not None else None
        return show_tasks(context, case, form, failed, row=row if form.verb.data == "change" else None)
    flash(_("Saved."))
    # The address of the form carries the queue that the reader came from.
    return see(url_for("tasks.index", key=case.key) + carried_query())


def load_case(context: Context, key: str, *, lock: bool = False) -> Case:
    """The case of the page; raises Forbidden for who may not write notes on it."""
    case = by_key(context, key, lock=lock)
    require(context.actor, Permission.CASE_NOTE, case)
    return case


def use_verb(context: Context, case: Case, row: CaseTask | None, form: TaskForm) -> None:
    """Do what *form* says with the task *row*; without a verb add one. Refused for a task that is gone."""
    verb = form.verb.data or "add"
    if verb == "add":
        actions.add_task(context, case, form.facts())
        return
    if row is None:
        raise Refused(_("This task is not on the list any more"))
    match verb:
        case "change":
            actions.change_task(context, case, row, form.facts())
        case "done" | "open":
            actions.set_done(context, case, row, done=verb == "done")
        case "up":
            actions.move_up(context, case, row)
        case "remove":
            actions.remove_task(context, case, row)
        case _:
            raise Refused(_("Choose what to do"))


def show_tasks(context: Context, case: Case, form: TaskForm, status: int = 200, *, row: CaseTask | None = None) -> Any:
    """The page of the tasks of *case*, with *form* for a new one or for *row*."""
    rows = queries.tasks_of(context, case.id)
    people = choices(context, case, row)
    return page(
        "tasks/index.html",
        status,
        rows=rows,
        row=row,
        people=people,
        case=case,
        form=form,
        base=f"/desk/cases/{case.key}",
    )


def choices(context: Context, case: Case, row: CaseTask | None) -> list[tuple[str, str]]:
    """(id, name) of who may do a task of *case*, by name."""
    members = list(assignable_staff(context, case))
    if row is not None and row.assignee_id and row.assignee_id not in members:
        members.append(row.assignee_id)
    names = staff_names(context, members)
    return sorted(((str(one), name) for one, name in names.items()), key=lambda pair: fold(pair[1]))


def form_of(row: CaseTask | None) -> TaskForm:
    """The form of a new task, or one filled with what *row* says."""
    if row is None:
        return TaskForm(formdata=None)
    data = {"text": row.text, "assignee": str(row.assignee_id or ""), "due": str(row.due_on or "")}
    return TaskForm(formdata=None, data={**data, "mandatory": row.mandatory})
