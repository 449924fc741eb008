"""Reads of surveys: the one that waits for an answer, the answered one, and the one of a mailed link."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, String, literal_column
from sqlalchemy.orm import joinedload

from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.cases.queries.detail import page_load_options
from portal.identity.models import User
from portal.kernel import tokens
from portal.kernel.context import Context
from portal.kernel.errors import Gone, NotFound
from portal.kernel.events import Event
from portal.kernel.system_context import act_as, as_system
from portal.surveys.engine import questions as question_rules
from portal.surveys.models import Survey, SurveyFollowUp
from portal.surveys.queries.plan import talks_asked_about
from portal.tenants.models import StaffMember
from portal.tenants.queries import actors

PURPOSE = "survey"
LASTS = dt.timedelta(days=30)
# Written with a literal, so that a generic plan can use the partial index.
IS_OF_CASE = Survey.kind == literal_column("'case'", String())


def with_questions() -> list[Any]:
    """Load options for showing an answer."""
    return [joinedload(Survey.questions, innerjoin=True), joinedload(Survey.user, innerjoin=True)]


def with_follow_up() -> list[Any]:
    """Load options for the follow-up of an answer, for staff."""
    follow_up = joinedload(Survey.follow_up)
    return [follow_up.joinedload(SurveyFollowUp.owner).joinedload(StaffMember.user)]


def open_survey(ctx: Context, case: Case) -> Survey | None:
    """The survey of *case* that waits for the actor's answer, with its questions; None if there is none.

    While the case is open that is one about a call or a chat, as long as the provider asks about such talks. Afterwards
    the one about the case comes first.
    """
    found = None if case.unresolved else unanswered_survey(ctx, case)
    return found or unanswered_talk(ctx, case)


def unanswered_survey(ctx: Context, case: Case) -> Survey | None:
    """The unanswered survey about the case itself, also while the case is open again."""
    return _unless_over(ctx, _newest(ctx, case, IS_OF_CASE))


def unanswered_talk(ctx: Context, case: Case) -> Survey | None:
    """The newest unanswered survey about a call or a chat of *case*."""
    if not talks_asked_about(ctx):
        return None
    return _unless_over(ctx, _newest(ctx, case, ~IS_OF_CASE))


def _unless_over(ctx: Context, found: Survey | None) -> Survey | None:
    live = found is not None and found.answered_at is None and found.asked_at > ctx.now - LASTS
    return found if live else None


def _newest(ctx: Context, case: Case, kind: ColumnElement[bool]) -> Survey | None:
    own = scope(ctx.actor, Survey).where(Survey.case_id == case.id, Survey.user_id == ctx.actor.user_id, kind)
    rows = own.options(*with_questions()).order_by(Survey.cycle.desc(), Survey.asked_at.desc()).limit(1)
    return ctx.session.scalars(rows).one_or_none()


def answer_for(ctx: Context, case: Case) -> Survey | None:
    """The newest answered survey of *case* that the actor may see, with its follow-up for staff.

    Staff see all, the contact only their own.
    """
    statement = scope(ctx.actor, Survey).where(Survey.case_id == case.id, Survey.answered_at.is_not(None))
    options = [*with_questions(), *(with_follow_up() if ctx.actor.is_staff else ())]
    return ctx.session.scalars(
        statement.options(*options).order_by(Survey.cycle.desc(), Survey.answered_at.desc()).limit(1)
    ).one_or_none()


def not_asked(ctx: Context, case: Case) -> Event | None:
    """The newest decision not to ask the contact of *case*, for staff: its fact `reason` is the reason."""
    statement = scope(ctx.actor, Event).where(Event.case_id == case.id, Event.name == "survey.not_asked")
    return ctx.session.scalars(statement.order_by(Event.id.desc()).limit(1)).one_or_none()


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """One answered question: its text, its kind, the label of the answer (stars: the number)."""

    name: str
    text: str
    kind: str
    answer: Any
    low: bool


def answered_questions(survey: Survey, locale: str, fallback: str) -> list[AnsweredQuestion]:
    """The answers of *survey* with the questions of its version, without unanswered questions."""
    answers = survey.answers or {}
    return [
        AnsweredQuestion(
            question["name"],
            question_rules.wording(question["text"], locale, fallback),
            question["kind"],
            answer_label(question, answers[question["name"]], locale, fallback),
            question_rules.is_low([question], answers),
        )
        for question in survey.questions.questions
        if answers.get(question["name"]) not in (None, "")
    ]


def answer_label(question: Mapping[str, Any], answer: Any, locale: str, fallback: str) -> Any:
    """The label of *answer*: Yes or No, the text of a choice, stars and texts unchanged."""
    if question["kind"] == "yes_no":
        return _("Yes") if answer == question_rules.YES else _("No")
    if question["kind"] == "choice":
        texts = {
            choice["key"]: question_rules.wording(choice["text"], locale, fallback) for choice in question["choices"]
        }
        return texts.get(answer, answer)
    return answer


def load_by_token(ctx: Context, token: str) -> Survey:
    """The survey behind a mailed link, with case and questions. Afterwards the request acts as the person it asks.

    NotFound for a wrong link and for a case that this person may not see any more. Gone for one that is too old, or
    that a newer invitation replaced, and was not answered.
    """
    row = tokens.load_token(ctx, PURPOSE, token)
    with as_system(ctx):
        asked = ctx.session.get(Survey, row.subject_id)
        person = ctx.session.get(User, asked.user_id) if asked is not None else None
        if person is None or person.ended_at is not None:
            raise NotFound
        actor = actors.contact_actors(ctx, [person])[person.id]
    act_as(ctx, actor)
    found = ctx.session.scalars(
        scope(ctx.actor, Survey)
        .where(Survey.id == row.subject_id)
        .options(*with_questions(), joinedload(Survey.case, innerjoin=True).options(*page_load_options()))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    if found.answered_at is None and (found.asked_at + LASTS <= ctx.now or _is_replaced(ctx, found)):
        raise Gone
    return found


def _is_replaced(ctx: Context, survey: Survey) -> bool:
    if survey.kind != "case":
        return False
    newest = _newest(ctx, survey.case, IS_OF_CASE)
    return newest is not None and newest.id != survey.id
