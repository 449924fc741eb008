"""/admin/surveys/questions and /versions: the draft, its questions, publishing, and versions as customers see them."""

from collections.abc import Callable
from typing import Any

from flask import flash, request
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from portal.kernel.errors import NotFound
from portal.surveys.actions import questions as actions
from portal.surveys.engine.questions import MOST_QUESTIONS
from portal.surveys.forms.answers import WORDS, form_for, offered
from portal.surveys.forms.questions import QuestionForm, languages, question_form
from portal.surveys.models import DRAFT, SurveyQuestions
from portal.surveys.queries import questions as question_queries
from portal.surveys.routes.blueprint import configures, question_values, reads, surveys
from portal.web.current import ctx
from portal.web.edit_conflict import fingerprint
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.htmx import page, see
from portal.web.language import LANGUAGES
from portal.web.urls import text_parameter

QUESTIONS = "/admin/surveys/questions"


@surveys.get("/admin/surveys/versions/<int:version>")
@reads
def version(version: int) -> Any:
    """The questions of a version (0: the draft) as the page of the customer, in any language of the portal."""
    row = question_queries.version(ctx(), version)
    language = asked if (asked := text_parameter("language", 5)) in LANGUAGES else str(get_locale() or "en")
    with force_locale(language):
        form, stars = form_for(row), [str(word) for word in WORDS]
    return page(
        "surveys/admin/version.html",
        row=row,
        preview=form,
        survey={"questions": row},
        stars=stars,
        offered=offered,
        language=language,
        languages=languages(str(ctx().provider.locale)),
        **question_values(),
    )


def _draft_or_current() -> SurveyQuestions:
    """The set that an edit changes: the draft, or the current questions, which become one."""
    return question_queries.draft(ctx()) or question_queries.current(ctx())


def _draft_version(row: SurveyQuestions) -> str:
    return fingerprint(row.questions)


@surveys.get("/admin/surveys/questions")
@reads
def draft() -> Any:
    """The page of the draft."""
    row = _draft_or_current()
    return page(
        "surveys/admin/draft.html", row=row, is_draft=row.version == DRAFT, most=MOST_QUESTIONS, **question_values()
    )


@surveys.route("/admin/surveys/questions/new", methods=["GET", "POST"])
@configures
def new_question() -> Any:
    """Add a question at the end."""
    row = _draft_or_current()
    form = question_form(str(ctx().provider.locale), version=_draft_version(row))
    return _write(form, row, lambda: actions.add_question(ctx(), form.question()), None)


@surveys.route("/admin/surveys/questions/<question>", methods=["GET", "POST"])
@configures
def question(question: str) -> Any:
    """One question of the draft."""
    row = _draft_or_current()
    found = _question(row, question)
    form = question_form(str(ctx().provider.locale), found, _draft_version(row))
    return _write(form, row, lambda: actions.change_question(ctx(), question, form.question()), found)


def _question(row: SurveyQuestions, name: str) -> Any:
    for found in row.questions:
        if found["name"] == name:
            return found
    raise NotFound


def _write(form: QuestionForm, row: SurveyQuestions, act: Callable[[], object], found: Any) -> Any:
    status = submit_form(form, act, current=_draft_version(row)) if request.method == "POST" else 200
    if status:
        names = languages(str(ctx().provider.locale))
        return page(
            "surveys/admin/question.html", status, form=form, question=found, languages=names, **question_values()
        )
    flash(_("The draft was saved. Nobody is asked these questions until you publish it."), "success")
    return see(QUESTIONS)


@surveys.route("/admin/surveys/questions/<question>/move", methods=["GET", "POST"])
@configures
def move_question(question: str) -> Any:
    """Swap a question with its neighbor."""
    up = request.form.get("direction") != "down"
    return _press(
        "surveys/admin/move.html",
        lambda: actions.move_question(ctx(), question, up=up),
        QUESTIONS,
        question=_question(_draft_or_current(), question),
    )


@surveys.route("/admin/surveys/questions/<question>/remove", methods=["GET", "POST"])
@configures
def remove_question(question: str) -> Any:
    """Remove a question from the draft."""
    return _press(
        "surveys/admin/remove.html",
        lambda: actions.remove_question(ctx(), question),
        QUESTIONS,
        question=_question(_draft_or_current(), question),
    )


@surveys.route("/admin/surveys/publish", methods=["GET", "POST"])
@configures
def publish() -> Any:
    """Publish the draft."""
    return _press(
        "surveys/admin/publish.html",
        lambda: actions.publish(ctx()),
        "/admin/surveys",
        draft=question_queries.draft(ctx()),
    )


@surveys.route("/admin/surveys/discard", methods=["GET", "POST"])
@configures
def discard() -> Any:
    """Delete the draft."""
    return _press(
        "surveys/admin/discard.html",
        lambda: actions.discard(ctx()),
        "/admin/surveys",
        draft=question_queries.draft(ctx()),
    )


def _press(template: str, act: Callable[[], object], after: str, /, **values: Any) -> Any:
    """Show the page with one button, or do what it says."""
    form = PressForm()
    status = submit_form(form, act) if request.method == "POST" else 200
    if status:
        return page(template, status, form=form, **values, **question_values())
    flash(_("Saved."), "success")
    return see(after)
