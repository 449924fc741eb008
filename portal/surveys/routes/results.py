"""/desk/surveys: the answers with filters and figures, and their export."""

import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from portal.authz.permissions import Permission
from portal.cases.queries.interface import panels_at
from portal.kernel import ids
from portal.surveys import queries
from portal.surveys.engine.invitations import KINDS
from portal.surveys.forms.answers import languages
from portal.surveys.labels import kind_label
from portal.surveys.models import Survey, SurveyQuestions
from portal.surveys.queries import questions as question_queries
from portal.surveys.queries import results as result_queries
from portal.surveys.queries.results import PERIODS, SHOWS, AnswerFilters
from portal.surveys.routes.blueprint import surveys
from portal.tenants.queries import accounts as account_queries
from portal.web.csv_files import csv_response
from portal.web.current import ctx
from portal.web.guards import requires
from portal.web.htmx import page
from portal.web.urls import number_parameter, text_parameter

CARRIED = ("show", "kind", "account", "score", "days", "question")
# The versions whose questions can be filtered by.
OFFERED_VERSIONS = 10


@surveys.get("/desk/surveys")
@requires(Permission.CASE_READ)
def answers() -> Any:
    """The list of answers with its filters and figures."""
    context = ctx()
    accounts, versions = account_queries.account_choices(context), question_queries.versions(context)[:OFFERED_VERSIONS]
    filters = read_filters(accounts, versions)
    result = result_queries.answers(context, filters)
    return page(
        "surveys/desk/results.html",
        result=result,
        filters=filters,
        figures=result_queries.figures(context, filters) if result.rows else [],
        counted=result_queries.COUNTED,
        waiting=result_queries.open_follow_ups(context),
        kinds=KINDS,
        kind_label=kind_label,
        kind_of=question_queries.kind_of,
        beside=panels_at(context, "survey_results", filters.days),
        accounts=accounts,
        periods=PERIODS,
        questions=result_queries.questions_to_filter(versions, *languages()),
        several_versions=len(versions) > 1,
        said={survey.id: queries.answered_questions(survey, *languages()) for survey in result.rows},
        in_words=lambda question, answer: queries.answer_label(question, answer, *languages()),
        wording=lambda question: queries.wording(question["text"], *languages()),
        narrowed=any(text_parameter(name, 100) for name in CARRIED),
        export_query=urlencode({n: v for n in CARRIED if (v := text_parameter(n, 100))}),
    )


def read_filters(accounts: Any, versions: Any) -> AnswerFilters:
    """The filters of the address. Invalid values do not filter; a foreign account finds nothing."""
    days = text_parameter("days", 10)
    score = text_parameter("score", 2)
    return AnswerFilters(
        account_id=_account(accounts),
        score=int(score) if score in ("1", "2", "3", "4", "5") else None,
        days=0 if days == "all" else int(days) if days in map(str, PERIODS) else AnswerFilters().days,
        show=show if (show := text_parameter("show", 10)) in SHOWS else "",
        kind=kind if (kind := text_parameter("kind", 10)) in KINDS else "",
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
    """The filtered answers as CSV, one line for each answered question, so that versions are not mixed."""
    context = ctx()
    filters = read_filters(
        account_queries.account_choices(context), question_queries.versions(context)[:OFFERED_VERSIONS]
    )
    head = [
        "case",
        "account",
        "subject",
        "person",
        "answered_at",
        "about",
        "version",
        "question",
        "wording",
        "answer",
        "low",
    ]
    found = result_queries.export_rows(context, filters)
    return csv_response("surveys.csv", head, found, (line for survey in found.rows for line in csv_lines(survey)))


def csv_lines(survey: Survey) -> Iterator[list[str]]:
    """The lines of one answer."""
    case = survey.case
    head = [case.key, case.account.name, case.subject, survey.user.name]
    when = survey.answered_at.strftime("%Y-%m-%dT%H:%M:%SZ") if survey.answered_at else ""
    for said in queries.answered_questions(survey, *languages()):
        number = str(max(1, survey.questions.version))
        yield [*head, when, survey.kind, number, said.name, said.text, str(said.answer), "yes" if said.low else ""]
