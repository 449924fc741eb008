"""/desk/surveys: what customers answered, low ones first; one answer; its follow-up; the export."""

import csv
import io
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from flask import Response, flash, request
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.kernel import ids
from portal.kernel.errors import Conflict
from portal.surveys import actions, queries
from portal.surveys.forms.answering import languages
from portal.surveys.forms.following import DoneForm
from portal.surveys.models import Survey, SurveyQuestions
from portal.surveys.queries import plan, stream
from portal.surveys.queries.stream import PERIODS, SHOWS, Filters
from portal.surveys.routes import surveys
from portal.tenants.queries import accounts as account_queries
from portal.web.current import ctx
from portal.web.forms import PressForm
from portal.web.guards import requires
from portal.web.htmx import page, see
from portal.web.urls import number_parameter, text_parameter

CARRIED = ("show", "account", "score", "days", "question")
# A spreadsheet takes a cell that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# The versions whose questions can be filtered by.
OFFERED_VERSIONS = 10


@surveys.get("/desk/surveys")
@requires(Permission.CASE_READ)
def answers() -> Any:
    """The stream with its filters and figures."""
    context = ctx()
    accounts, versions = account_queries.list_accounts(context), plan.versions(context)[:OFFERED_VERSIONS]
    filters = read_filters(accounts, versions)
    result = stream.answers(context, filters)
    return page(
        "surveys/desk/stream.html",
        result=result,
        filters=filters,
        figures=stream.figures(context, filters) if result.rows else [],
        counted=stream.COUNTED,
        waiting=stream.open_follow_ups(context),
        accounts=accounts,
        periods=PERIODS,
        questions=stream.questions_to_filter(versions, *languages()),
        several_versions=len(versions) > 1,
        said={survey.id: queries.said(survey, *languages()) for survey in result.rows},
        in_words=lambda question, answer: queries.in_words(question, answer, *languages()),
        wording=lambda question: queries.wording(question["text"], *languages()),
        narrowed=any(text_parameter(name, 100) for name in CARRIED),
        export_query=urlencode({n: v for n in CARRIED if (v := text_parameter(n, 100))}),
    )


def read_filters(accounts: Any, versions: Any) -> Filters:
    """The filters of the address; what makes no sense filters nothing, a foreign account finds nothing."""
    days = text_parameter("days", 10)
    score = text_parameter("score", 2)
    return Filters(
        account_id=_account(accounts),
        score=int(score) if score in ("1", "2", "3", "4", "5") else None,
        days=0 if days == "all" else int(days) if days in map(str, PERIODS) else Filters().days,
        show=show if (show := text_parameter("show", 10)) in SHOWS else "",
        question=_question(versions),
        page=number_parameter("page", 1),
    )


def _account(accounts: Any) -> uuid.UUID | None:
    asked = text_parameter("account", 64)
    if not asked:
        return None
    known = {account.key: account.id for account in accounts}
    return known.get(asked.upper()) or ids.parse_id(asked) or uuid.UUID(int=0)


def _question(versions: "list[SurveyQuestions]") -> tuple[uuid.UUID, str] | None:
    number, _dot, name = text_parameter("question", 20).partition(".")
    for version in versions:
        if str(version.version) == number and name in {q["name"] for q in version.questions}:
            return version.id, name
    return None


@surveys.get("/desk/surveys/export")
@requires(Permission.CASE_READ)
def export() -> Any:
    """What the filter shows as CSV, one line an answered question, so that versions are not mixed."""
    context = ctx()
    filters = read_filters(account_queries.list_accounts(context), plan.versions(context)[:OFFERED_VERSIONS])
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        ["case", "account", "subject", "person", "answered_at", "version", "question", "wording", "answer", "low"]
    )
    for survey in stream.for_export(context, filters):
        writer.writerows([safe(cell) for cell in row] for row in lines(survey))
    answer = Response("\ufeff" + text.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="surveys.csv"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def lines(survey: Survey) -> Iterator[list[str]]:
    """The lines of one answer."""
    case = survey.case
    head = [case.key, case.account.name, case.subject, survey.user.name]
    when = survey.answered_at.strftime("%Y-%m-%dT%H:%M:%SZ") if survey.answered_at else ""
    for said in queries.said(survey, *languages()):
        number = str(survey.questions.version)
        yield [*head, when, number, said.name, said.text, str(said.answer), "yes" if said.low else ""]


def safe(cell: str) -> str:
    """*cell* as text, also for a spreadsheet that would run it."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


@surveys.get("/desk/surveys/<uuid:survey_id>")
@requires(Permission.CASE_READ)
def one(survey_id: uuid.UUID) -> Any:
    """One answer with everything that was said, and its follow-up."""
    survey = stream.one(ctx(), survey_id)
    return _page("surveys/desk/one.html", survey)


@surveys.route("/desk/surveys/<uuid:survey_id>/take", methods=["GET", "POST"])
@requires(Permission.SURVEY_FOLLOW_UP)
def take(survey_id: uuid.UUID) -> Any:
    """Own the follow-up."""
    survey, form = queries.with_task(ctx(), survey_id), PressForm()
    return _verb(
        "surveys/desk/take.html", survey, form, lambda: actions.take(ctx(), survey, survey.case), _("It is yours.")
    )


@surveys.route("/desk/surveys/<uuid:survey_id>/done", methods=["GET", "POST"])
@requires(Permission.SURVEY_FOLLOW_UP)
def done(survey_id: uuid.UUID) -> Any:
    """End the follow-up with what came of it."""
    survey, form = queries.with_task(ctx(), survey_id), DoneForm()
    return _verb(
        "surveys/desk/done.html",
        survey,
        form,
        lambda: actions.finish(ctx(), survey, survey.case, note=form.note.data or ""),
        _("Followed up."),
    )


def _verb(template: str, survey: Survey, form: Any, act: Callable[[], object], said: str) -> Any:
    """Show the small page of a verb, or do it; whoever was too late reads who was faster and keeps the text."""
    if not form.validate_on_submit():
        return _page(template, survey, 422 if form.is_submitted() else 200, form=form)
    try:
        act()
    except Conflict as conflict:
        form.form_errors.append(conflict.message)
        return _page(template, queries.with_task(ctx(), survey.id), 409, form=form)
    flash(said, "success")
    return see(f"/desk/surveys/{survey.id}")


def _page(template: str, survey: Survey, status: int = 200, **values: Any) -> Any:
    said = queries.said(survey, *languages())
    return page(template, status, survey=survey, case=survey.case, said=said, posted=request.method == "POST", **values)
