"""/desk/surveys/<id>: one answer and its follow-up."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import flash, request
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.surveys import actions, queries
from portal.surveys.forms.answers import languages
from portal.surveys.forms.follow_ups import DoneForm
from portal.surveys.models import Survey
from portal.surveys.queries import results as result_queries
from portal.surveys.routes.blueprint import surveys
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import requires
from portal.web.htmx import page, see


@surveys.get("/desk/surveys/<uuid:survey_id>")
@requires(Permission.CASE_READ)
def one(survey_id: uuid.UUID) -> Any:
    """One answer with all its texts, and its follow-up."""
    survey = result_queries.answered_survey(ctx(), survey_id)
    return _page("surveys/desk/one.html", survey)


@surveys.route("/desk/surveys/<uuid:survey_id>/take", methods=["GET", "POST"])
@requires(Permission.SURVEY_FOLLOW_UP)
def take(survey_id: uuid.UUID) -> Any:
    """Take the follow-up."""
    survey, form = queries.survey_with_follow_up(ctx(), survey_id), PressForm()
    return _verb(
        "surveys/desk/take.html",
        survey,
        form,
        lambda: actions.take(ctx(), survey, survey.case),
        _("You are now following this up."),
    )


@surveys.route("/desk/surveys/<uuid:survey_id>/done", methods=["GET", "POST"])
@requires(Permission.SURVEY_FOLLOW_UP)
def done(survey_id: uuid.UUID) -> Any:
    """End the follow-up with its result."""
    survey, form = queries.survey_with_follow_up(ctx(), survey_id), DoneForm()
    return _verb(
        "surveys/desk/done.html",
        survey,
        form,
        lambda: actions.finish(ctx(), survey, survey.case, note=form.note.data or ""),
        _("Followed up."),
    )


def _verb(template: str, survey: Survey, form: Any, act: Callable[[], object], said: str) -> Any:
    """Show the page of a verb, or do the verb; after a conflict the form keeps the text."""
    if not form.is_submitted():
        return _page(template, survey, form=form)
    status = submit_form(form, act)
    if status:
        return _page(template, queries.survey_with_follow_up(ctx(), survey.id), status, form=form)
    flash(said, "success")
    return see(f"/desk/surveys/{survey.id}")


def _page(template: str, survey: Survey, status: int = 200, **values: Any) -> Any:
    said = queries.answered_questions(survey, *languages())
    return page(template, status, survey=survey, case=survey.case, said=said, posted=request.method == "POST", **values)
