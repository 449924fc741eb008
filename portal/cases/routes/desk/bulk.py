"""One verb for many cases of a queue: a question with number and effect, then the outcome for each case."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.authz.permissions import Permission
from portal.cases.actions import bulk, resolution
from portal.cases.actions import desk as desk_actions
from portal.cases.actions import tags as tag_actions
from portal.cases.forms.bulk import BulkForm, UndoForm
from portal.cases.models import Case
from portal.cases.pages.queue_trail import queue_trail, queue_trail_query, queue_url
from portal.cases.panels import bulk_page
from portal.cases.queries.bulk_runs import events_of_run
from portal.cases.queries.detail import split_key
from portal.cases.queries.lists import rows_by_ids, rows_by_keys
from portal.cases.queries.staff import possible_owners
from portal.cases.queries.tags import tag_choices
from portal.cases.routes.blueprints import desk
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.tenants.queries import departments as department_queries
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import requires
from portal.web.htmx import page, see
from portal.web.notices import flash_with_button
from portal.web.urls import text_parameter

ACTIONS = ("take", "assign", "department", "tag", "untag", "close")


@desk.get("/bulk")
@requires(Permission.CASE_TAKE)
def bulk_form() -> Any:
    """The page alone, with the choice in the URL."""
    form = BulkForm(formdata=None)
    form.action.data = request.args.get("action", "")[:20]
    return render_question(ctx(), form, request.args.getlist("case"))


@desk.post("/bulk")
@requires(Permission.CASE_TAKE)
def bulk_change() -> Any:
    """Without `confirm` ask; with it change each case."""
    context, form = ctx(), BulkForm()
    keys = request.form.getlist("case")
    elsewhere = bulk_page(form.action.data or "")
    if elsewhere:
        chosen = urlencode([("case", key) for key in keys[: bulk.BULK_LIMIT]])
        return see(f"{elsewhere}?{chosen}{queue_trail_query('&')}")
    outcomes: list[bulk.BulkOutcome] = []

    def act() -> None:
        verb = choose_action(context, form)
        if len(keys) > bulk.BULK_LIMIT:
            raise Refused(_("Choose at most %(most)d cases at a time", most=bulk.BULK_LIMIT))
        if form.confirm.data:
            outcomes.append(bulk.apply_to_each(context, normalize_keys(keys), verb))

    status = submit_form(form, act)
    if status or not outcomes:
        return render_question(context, form, keys, status or 200)
    outcome = outcomes[0]
    done = ngettext("%(num)d case changed.", "%(num)d cases changed.", len(outcome.changed))
    if not outcome.refused:
        flash_with_button(done, **_undo_button(context, form))
        return see(queue_url() or url_for("desk.queue", view="mine"))
    # Where the reason of a closing seems to belong to another client, "Try these again" asks why it is right.
    form.anyway_for.data = " ".join(outcome.marks)
    undo = _undo_button(context, form) if outcome.changed else {}
    return page("desk/bulk_outcome.html", outcome=outcome, done=done, form=form, undo=undo)


def _undo_button(context: Context, form: BulkForm) -> dict[str, Any]:
    """The button that takes this press back, for `flash_with_button`; nothing for closings, which customers heard
    of."""
    if form.action.data == "close":
        return {}
    path = url_for("desk.undo_bulk", **queue_trail())
    return {"label": _("Undo"), "path": path, "fields": {"run": context.request_id}}


@desk.get("/bulk/undo")
@requires(Permission.CASE_TAKE)
def undo_bulk_form() -> Any:
    """The question before a press is taken back, with what it changed."""
    return _render_undo(ctx(), UndoForm(formdata=None), text_parameter("run", 64))


@desk.post("/bulk/undo")
@requires(Permission.CASE_TAKE)
def undo_bulk() -> Any:
    """Take back what the actor changed in many cases by one press, within ten minutes."""
    context, form = ctx(), UndoForm()
    outcomes: list[bulk.BulkOutcome] = []

    def act() -> None:
        run = events_of_run(context, form.run.data or "")
        if not run:
            raise Refused(_("Nothing of it can be undone any more"))
        outcomes.append(bulk.take_back(context, run))

    status = submit_form(form, act)
    if status:
        return _render_undo(context, form, form.run.data or "", status)
    outcome = outcomes[0]
    done = ngettext("%(num)d case is as before.", "%(num)d cases are as before.", len(outcome.changed))
    if not outcome.refused:
        flash(done)
        return see(queue_url() or url_for("desk.queue", view="mine"))
    return page("desk/bulk_undo_outcome.html", outcome=outcome, done=done)


def _render_undo(context: Context, form: UndoForm, run: str, status: int = 200) -> Any:
    changed = events_of_run(context, run)
    return page("desk/bulk_undo.html", status, form=form, run=run, cases=rows_by_ids(context, list(changed)))


def normalize_keys(keys: list[str]) -> list[str]:
    """The well-formed keys, in upper case."""
    return [key.upper() for key in keys[: bulk.BULK_LIMIT] if split_key(key) is not None]


def render_question(context: Context, form: BulkForm, keys: list[str], status: int = 200) -> Any:
    """The question: number of cases and accounts, and the effect."""
    cases = rows_by_keys(context, keys[: bulk.BULK_LIMIT])
    if not cases and status == 200 and request.method == "POST":
        form.form_errors.append(_("Choose at least one case"))
        status = 422
    return page(
        "desk/bulk.html",
        status,
        form=form,
        cases=cases,
        actions=ACTIONS,
        staff=possible_owners(context),
        departments=department_queries.active_departments(context),
        tag_names=[name for _id, name in tag_choices(context)],
        accounts=len({case.account_id for case in cases}),
    )


def choose_action(context: Context, form: BulkForm) -> Callable[[Case], object]:
    """The action for each case; raises Refused with the field for a missing value."""
    match form.action.data:
        case "take":
            return lambda case: desk_actions.take(context, case)
        case "assign":
            owner = ids.parse_id(form.owner.data)
            if owner is None and form.confirm.data:
                raise Refused(_("Choose who takes them"), "owner")
            return lambda case: desk_actions.assign(context, case, owner_id=owner, department_id=case.department_id)
        case "department":
            department = ids.parse_id(form.department.data)
            if department is None and form.confirm.data:
                raise Refused(_("Choose one of the departments"), "department")
            return lambda case: desk_actions.assign(context, case, owner_id=case.owner_id, department_id=department)
        case "tag" | "untag" as verb:
            change = tag_actions.add_tags if verb == "tag" else tag_actions.remove_tags
            line = form.tag.data or ""
            if not line and form.confirm.data:
                raise Refused(_("Write a tag"), "tag")
            return lambda case: change(context, case, line)
        case "close":
            return lambda case: resolution.close(
                context, case, reason=form.reason.data or "", anyway=form.send_anyway()
            )
        case _:
            raise Refused(_("Choose what to do"), "action")
