"""Answering on the portal, or from the link in a mail without signing in. A GET shows; only a button stores."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import flash, request
from flask_babel import force_locale
from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.models import Case
from portal.cases.queries import by_key
from portal.kernel.errors import Conflict, Gone, NotFound
from portal.surveys import actions, queries
from portal.surveys.forms.answers import WORDS, CallForm, answers_of, form_for, languages, offered
from portal.surveys.models import Survey
from portal.surveys.routes.blueprint import surveys
from portal.web import language
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.guards import on_portal, public
from portal.web.htmx import page, see
from portal.web.urls import text_parameter

OPEN_LINK = "the link is the key: 256 bits, hashed, for 30 days; opening it stores nothing"


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """The page of a survey: its template, and the addresses of the form, of the call and of the next page."""

    template: str
    form: str
    after: str
    call: str
    called: str


def portal_page(case: Case) -> AnswerPage:
    """The case's own pages."""
    base = f"/cases/{case.key}"
    return AnswerPage(
        "surveys/on_case.html", f"{base}/survey", f"{base}#survey-answers", f"{base}/survey/call", f"{base}/survey"
    )


def mail_page(token: str) -> AnswerPage:
    """The page behind the mailed link."""
    base = f"/s/{token}"
    return AnswerPage("surveys/by_mail.html", base, f"{base}?thanks=1", f"{base}/call", f"{base}?thanks=1")


@surveys.route("/cases/<key:key>/survey", methods=["GET", "POST"])
@on_portal
def on_case(key: str) -> Any:
    """The questions about a case, for its contact."""
    case = by_key(ctx(), key)
    # Answers that come while the case is open again are a conflict; the page of it shows what was typed.
    asked = queries.open_survey(ctx(), case)
    if asked is None and request.method == "POST":
        asked = queries.unanswered_survey(ctx(), case)
    if asked is not None:
        return _questions(asked, case, portal_page(case))
    return _answered(_own_answer(case), case, portal_page(case))


@surveys.route("/cases/<key:key>/survey/call", methods=["GET", "POST"])
@on_portal
def call_on_case(key: str) -> Any:
    """After a low answer: whether a call is wanted."""
    case = by_key(ctx(), key)
    return _call(_own_answer(case), case, portal_page(case))


def _own_answer(case: Case) -> Survey:
    """The reader's answer about *case*. NotFound if they were asked and did not answer, Forbidden if they were not
    asked."""
    found = queries.answer_for(ctx(), case)
    if found is None:
        require(ctx().actor, Permission.SURVEY_ANSWER, case)
        raise NotFound
    return found


def _by_link(view: Callable[[Survey, str], Any]) -> Callable[[str], Any]:
    """*view* with the survey of the token, in the language of the person it asks; 410 for an expired link."""

    @wraps(view)
    def opened(token: str) -> Any:
        try:
            asked = queries.load_by_token(ctx(), token)
        except Gone:
            return page("surveys/by_mail.html", 410, too_old=True, case=None)
        with force_locale(language.language_of(asked.user, ctx().provider) or language.ENGLISH):
            return view(asked, token)

    return opened


@surveys.route("/s/<token>", methods=["GET", "POST"])
@public(OPEN_LINK)
@_by_link
def by_mail(asked: Survey, token: str) -> Any:
    """The same questions for the link in the mail: `r` preselects a score."""
    answer_page = mail_page(token)
    if asked.answered_at is not None:
        return _answered(asked, asked.case, answer_page)
    if asked.kind == "case" and asked.case.unresolved:
        return page(answer_page.template, 409 if request.method == "POST" else 200, case=asked.case, waits=True)
    return _questions(asked, asked.case, answer_page)


@surveys.route("/s/<token>/call", methods=["GET", "POST"])
@public(OPEN_LINK)
@_by_link
def call_by_mail(asked: Survey, token: str) -> Any:
    """After a low answer from the mail: whether a call is wanted."""
    if asked.answered_at is None:
        raise NotFound
    return _call(asked, asked.case, mail_page(token))


def _questions(asked: Survey, case: Case, answer_page: AnswerPage) -> Any:
    """Show the form, or store the answers. An answer on another tab is reported as a conflict."""
    form = form_for(asked.questions, text_parameter("r"))
    values = {
        "case": case,
        "survey": asked,
        "form": form,
        "stars": WORDS,
        "offered": offered,
        "action": answer_page.form,
    }
    if not form.is_submitted():
        return page(answer_page.template, **values)
    stored: list[Survey] = []
    status = submit_form(
        form, lambda: stored.append(actions.answer(ctx(), asked, case, answers=answers_of(form, asked.questions)))
    )
    if status == 409:  # somebody answered on another tab; the error page shows what was typed here
        raise Conflict(form.conflict)
    if status:
        return page(answer_page.template, status, **values)
    if stored[0].low:
        return see(answer_page.called)
    if answer_page.template != "surveys/by_mail.html":
        flash(_("Thank you. Our team reads every comment."), "success")
    return see(answer_page.after)


def _answered(asked: Survey, case: Case, answer_page: AnswerPage) -> Any:
    """The given answers, with thanks; a second answer is told that there is one."""
    return page(
        answer_page.template,
        409 if request.method == "POST" else 200,
        case=case,
        answered=asked,
        said=queries.answered_questions(asked, *languages()),
        thanks="thanks" in request.args,
        **_call_values(asked, case, answer_page),
    )


def _call(asked: Survey, case: Case, answer_page: AnswerPage) -> Any:
    """The question whether a call is wanted, and its answer: only after a low one, and once."""
    if not asked.low:
        raise NotFound
    form = CallForm()
    status = 200
    if form.is_submitted():
        if asked.call_wanted is None:
            wanted = form.wanted.data == "yes"
            status = submit_form(
                form,
                lambda: actions.say_about_call(ctx(), asked, case, wanted=wanted, phone=form.phone.data or ""),
            )
        else:
            status = 409
        if not status:
            return see(answer_page.called)
    return page(
        answer_page.template,
        status,
        case=case,
        answered=asked,
        said=queries.answered_questions(asked, *languages()),
        thanks=True,
        **{**_call_values(asked, case, answer_page), "call": form},
    )


def _call_values(asked: Survey, case: Case, answer_page: AnswerPage) -> dict[str, Any]:
    """The values of the form that asks for a call, if it is shown."""
    if not asked.low:
        return {"call": None}
    form = CallForm(formdata=None, phone=asked.user.phone or case.phone)
    return {"call": form if asked.call_wanted is None else None, "call_action": answer_page.call}
