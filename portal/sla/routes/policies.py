"""/admin/sla-policies (A-08): policies, with a preview of the affected cases before a change is saved."""

import uuid
from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _

from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.sla import labels
from portal.sla.actions import policies as policy_actions
from portal.sla.actions.assignments import assign
from portal.sla.actions.runs import start_backtest
from portal.sla.engine.calendar import CalendarProblem
from portal.sla.engine.policy import Policy
from portal.sla.forms.policies import PolicyForm, TargetGrid, night_alarm_choices, unit_choices
from portal.sla.forms.trial import read_trial_moment
from portal.sla.models import SlaCalendar, SlaPolicy
from portal.sla.queries import assignments, calendars, impact
from portal.sla.queries import policies as policy_queries
from portal.sla.queries.impact import Proposal
from portal.sla.queries.previews import PromisedTimes
from portal.sla.refusals import problem_sentence
from portal.sla.routes.blueprint import (
    configures,
    confirm_archiving,
    expected_version,
    find_chosen,
    level_names,
    promises,
    reads,
    shows_archived,
)
from portal.sla.rule_versions import RuleVersions
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.htmx import page, see
from portal.web.times import reader_zone


@promises.get("/admin/sla-policies")
@reads
def policies() -> Any:
    """The policies with the accounts they apply to."""
    context = ctx()
    rows = policy_queries.policies(context, archived=shows_archived())
    return page(
        "sla/policies/index.html",
        rows=rows,
        archived=shows_archived(),
        used=assignments.accounts_by_policy(context),
        without=assignments.accounts_without_promise(context, limit=20),
        found={row.id: policy_queries.policy_of(row) for row in rows},
        levels=level_names(context),
        labels=labels,
    )


@promises.get("/admin/sla-policies/new")
@configures
def new_policy() -> Any:
    """An empty policy with the usual pauses."""
    form = PolicyForm(formdata=None)
    form.fill(Policy())
    form.running.data = form.everybody.data = True
    return show_form(ctx(), None, form, TargetGrid.from_policy(None, sorted(level_names(ctx()))))


@promises.post("/admin/sla-policies/new")
@configures
def add_policy() -> Any:
    """Store it; or try it without storing anything."""
    return submit(ctx(), None)


@promises.get("/admin/sla-policies/<uuid:policy_id>")
@reads
def policy(policy_id: uuid.UUID) -> Any:
    """The page of one policy."""
    context = ctx()
    row = policy_queries.policy(context, policy_id)
    found = policy_queries.policy_of(row)
    form = PolicyForm(formdata=None, name=row.name, calendar=str(row.version.calendar_id), version=str(row.current))
    form.fill(found)
    form.running.data = True
    return show_form(context, row, form, TargetGrid.from_policy(found, sorted(level_names(context))))


@promises.post("/admin/sla-policies/<uuid:policy_id>")
@configures
def change_policy(policy_id: uuid.UUID) -> Any:
    """Try it, preview the change, replay the past under it, or save a new version."""
    context = ctx()
    return submit(context, policy_queries.policy(context, policy_id))


def submit(context: Context, row: SlaPolicy | None) -> Any:
    """Do what the pressed button asks for; the page keeps the typed values."""
    form, grid = PolicyForm(), TargetGrid.from_request(sorted(level_names(context)))
    rows = usable_calendars(context, row)
    form.calendar.choices = [("", _("Choose support hours")), *((str(c.id), c.name) for c in rows)]
    form.grid = grid
    answers: list[Any] = []
    status = submit_form(form, lambda: answers.append(perform(context, row, form, grid, rows)))
    if status == 409 and row is not None:
        row = policy_queries.policy(context, row.id)
        form.version.data = str(row.current)
    return show_form(context, row, form, grid, status) if status else answers[0]


def perform(context: Context, row: SlaPolicy | None, form: PolicyForm, grid: TargetGrid, rows: list[Any]) -> Any:
    """Try, preview, backtest or save the values of the form; returns the answer."""
    calendar = find_chosen(form.calendar.data, rows)
    assert calendar is not None
    content = form.content(grid)
    draft = policy_actions.read_policy(content)
    match form.do.data:
        case "try":
            return show_form(context, row, form, grid, tried=try_policy(context, form, draft, calendar.version.id))
        case "preview" if row is not None:
            return show_form(context, row, form, grid, impact=preview_values(context, row, draft, calendar))
        case "backtest" if row is not None:
            run = start_backtest(context, proposal(row, draft, calendar))
            return see(url_for("promises.run", run_id=run.id))
    if row is None:
        made = policy_actions.add_policy(context, name=form.name.data, calendar=calendar, content=content)
        if form.everybody.data and not assignments.is_agreed_with_everybody(context):
            assign(context, policy=made)
            flash(_("%(name)s holds for all clients from now on.", name=made.name), "success")
        else:
            flash(_("%(name)s can be agreed with clients from now on.", name=made.name), "success")
        return see(url_for("promises.policy", policy_id=made.id))
    started = policy_actions.change_policy(
        context,
        row,
        name=form.name.data,
        calendar=calendar,
        content=content,
        seen=expected_version(form),
        running=bool(form.running.data),
    )
    flash(_("Saved."), "success")
    if started is not None and started.total:
        return see(url_for("promises.run", run_id=started.id))
    return see(url_for("promises.policy", policy_id=row.id))


def proposal(row: SlaPolicy, draft: Policy, calendar: SlaCalendar) -> Proposal:
    """The form as a draft of the next version."""
    other = calendar if calendar.id != row.version.calendar_id else None
    return Proposal(row.id, draft, other.id if other else None, calendars.calendar_of(other) if other else None)


def preview_values(context: Context, row: SlaPolicy, draft: Policy, calendar: SlaCalendar) -> dict[str, Any]:
    """The impact of the draft, and its changes."""
    now = policy_queries.policy_of(row)
    return {
        "hit": impact.preview_impact(context, proposal(row, draft, calendar)),
        "targets": policy_queries.changed_targets(now, draft),
        "hours": calendar.id != row.version.calendar_id,
        "other": policy_queries.other_rules_differ(now, draft),
    }


def try_policy(context: Context, form: PolicyForm, draft: Policy, calendar_version: uuid.UUID) -> dict[str, Any]:
    """The promise for a case opened at that moment. Raises Refused with the field."""
    rank = int(form.try_severity.data) if (form.try_severity.data or "").isdecimal() else 0
    at = read_trial_moment(form.try_at.data, reader_zone())
    promise, calendar = draft.promise(rank), RuleVersions(context).calendar(calendar_version)
    try:
        times = PromisedTimes(
            rank,
            promise.first_response.due(calendar, at) if promise.first_response else None,
            promise.next_update,
            promise.aim.due(calendar, at) if promise.aim else None,
            promise.resolution.due(calendar, at) if promise.resolution else None,
        )
    except CalendarProblem as problem:
        raise Refused(problem_sentence(problem), "calendar") from None
    return {"at": at, "times": times}


def usable_calendars(context: Context, row: SlaPolicy | None) -> list[Any]:
    """The calendars to choose from, and the one that the policy has."""
    rows = list(calendars.calendars(context))
    if row is not None and row.version.calendar_id not in {c.id for c in rows}:
        rows.append(calendars.calendar(context, row.version.calendar_id))
    return rows


def show_form(
    context: Context, row: SlaPolicy | None, form: PolicyForm, grid: TargetGrid, status: int = 200, **values: Any
) -> Any:
    """The page around the form."""
    form.calendar.choices = [
        ("", _("Choose support hours")),
        *((str(c.id), c.name) for c in usable_calendars(context, row)),
    ]
    if not form.try_at.data:
        form.try_at.data = context.now.astimezone(reader_zone()).strftime("%Y-%m-%d %H:%M")
    under = assignments.accounts_under(context, policy_id=row.id) if row is not None else []
    return page(
        "sla/policies/edit.html",
        status,
        row=row,
        form=form,
        grid=grid,
        levels=level_names(context),
        units=unit_choices(),
        plain_units=unit_choices(plain=True),
        night_alarms=night_alarm_choices(),
        under=under,
        of_everybody=row is not None and not under and assignments.is_policy_of_everybody(context, row.id),
        agreed=row is not None or assignments.is_agreed_with_everybody(context),
        versions=policy_queries.policy_versions(context, row) if row is not None else [],
        labels=labels,
        **{"tried": None, "impact": None, **values},
    )


@promises.route("/admin/sla-policies/<uuid:policy_id>/archive", methods=["GET", "POST"])
@configures
def archive_policy(policy_id: uuid.UUID) -> Any:
    """Archive a policy, or bring it back, after a question."""
    context = ctx()
    row = policy_queries.policy(context, policy_id)
    return confirm_archiving(
        row,
        lambda: policy_actions.archive_policy(context, row, archived=not row.archived),
        kind="policy",
        back=url_for("promises.policies"),
    )
