"""/admin/surveys: the survey rules, the questions asked now, and every version."""

from typing import Any

from flask import flash
from flask_babel import gettext as _

from portal.surveys.actions import plan as actions
from portal.surveys.forms.plan import PlanForm, plan_form
from portal.surveys.queries import plan as plan_queries
from portal.surveys.queries import questions as question_queries
from portal.surveys.routes.blueprint import configures, question_values, reads, surveys
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.htmx import page, see


@surveys.get("/admin/surveys")
@reads
def settings() -> Any:
    """The page of the survey rules, the current questions and every version."""
    row = plan_queries.plan_row(ctx())
    return _settings(plan_form(plan_queries.terms_of(row), row.version if row else 0))


@surveys.post("/admin/surveys")
@configures
def change_settings() -> Any:
    """Store the survey rules."""
    row, form = plan_queries.plan_row(ctx(), lock=True), PlanForm()
    status = submit_form(form, lambda: actions.change_plan(ctx(), form.terms()), current=row.version if row else 0)
    if status:
        return _settings(form, status)
    flash(_("Saved."), "success")
    return see("/admin/surveys")


def _settings(form: PlanForm, status: int = 200) -> Any:
    return page(
        "surveys/admin/plan.html",
        status,
        form=form,
        asked=question_queries.current(ctx()),
        draft=question_queries.draft(ctx()),
        versions=question_queries.versions(ctx()),
        **question_values(),
    )
