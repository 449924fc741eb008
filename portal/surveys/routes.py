"""Answering on the portal, or from the link in a mail without signing in. A GET shows; only the button stores."""

from typing import Any

from flask import flash, request
from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.models import Case
from portal.cases.queries import by_key
from portal.kernel.errors import Gone, NotFound
from portal.surveys import actions, queries
from portal.surveys.forms import WORDS, answers_of, form_for
from portal.surveys.models import Survey
from portal.web.current import ctx
from portal.web.guards import Feature, on_portal, public
from portal.web.htmx import page, see
from portal.web.urls import parameter

surveys = Feature("surveys", __name__)


@surveys.route("/cases/<key:key>/survey", methods=["GET", "POST"])
@on_portal
def on_case(key: str) -> Any:
    """The questions about a case that ended, for its contact."""
    case = by_key(ctx(), key)
    asked = queries.open_survey(ctx(), case)
    if asked is None:
        return _nothing_to_ask(case)
    return _questions(asked, case, "surveys/on_case.html", f"/cases/{case.key}#survey-answers")


def _nothing_to_ask(case: Case) -> Any:
    answered = queries.answer_for(ctx(), case)
    if answered is not None:
        return page(
            "surveys/on_case.html",
            409 if request.method == "POST" else 200,
            case=case,
            answered=answered,
            said=queries.said(answered),
        )
    require(ctx().actor, Permission.SURVEY_ANSWER, case)
    raise NotFound


@surveys.route("/s/<token>", methods=["GET", "POST"])
@public("the link is the key: 256 bits, hashed, for 30 days; opening it stores nothing")
def by_mail(token: str) -> Any:
    """The same questions from the mail: `r` preselects a score."""
    try:
        asked = queries.by_token(ctx(), token)
    except Gone:
        return page("surveys/by_mail.html", 410, too_old=True, case=None)
    if asked.answered_at is not None:
        return page(
            "surveys/by_mail.html",
            409 if request.method == "POST" else 200,
            case=asked.case,
            answered=asked,
            thanks="thanks" in request.args,
        )
    return _questions(asked, asked.case, "surveys/by_mail.html", f"/s/{token}?thanks=1")


def _questions(asked: Survey, case: Case, template: str, after: str) -> Any:
    """Show the form, or store what it says. Somebody who was faster on another tab is told so."""
    form = form_for(asked.questions, parameter("r"))
    values = {"case": case, "survey": asked, "form": form, "stars": WORDS}
    if not form.validate_on_submit():
        return page(template, 422 if form.is_submitted() else 200, **values)
    actions.answer(ctx(), asked, case, answers=answers_of(form, asked.questions))
    if template != "surveys/by_mail.html":
        flash(_("Thank you. Our team reads every comment."), "success")
    return see(after)
