"""Answers for staff: low ones first, filtered, bounded, with figures by version."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, literal, select
from sqlalchemy.orm import joinedload, load_only

from portal.authz.scopes import load, scope
from portal.cases.models import Case, CaseExclusion
from portal.cases.queries.detail import page_load_options
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page, fetch_first, fetch_page_of
from portal.kernel.system_context import as_system
from portal.surveys.engine import questions as question_rules
from portal.surveys.models import Survey, SurveyFollowUp, SurveyQuestions
from portal.surveys.queries.answers import with_follow_up, with_questions

SHOWS = ("", "low", "open", "mine")
PERIODS = (7, 30, 90, 365)
# The limits of figures (the newest answers) and of an export.
COUNTED, EXPORTED = 1000, 5000
SIZE = 50


@dataclass(frozen=True, slots=True)
class AnswerFilters:
    """The filters of the list of answers. `days` 0: for ever. `question`: (the set's id, the question's name)."""

    account_id: uuid.UUID | None = None
    score: int | None = None
    days: int = 90
    show: str = ""
    # 'case', 'call', 'chat'; '' for all.
    kind: str = ""
    question: tuple[uuid.UUID, str] | None = None
    page: int = 1


def answers(ctx: Context, filters: AnswerFilters) -> Page[Survey]:
    """One page of answers, low ones first, then the newest; with case, person, questions and follow-up."""
    statement = _matching(ctx, filters).options(*_shown())
    return fetch_page_of(ctx.session, statement.order_by(*_order()), filters.page, SIZE)


def export_rows(ctx: Context, filters: AnswerFilters) -> "Page[Survey]":
    """At most EXPORTED answers in the order of the list, as `answers` loads them, as one page."""
    statement = _matching(ctx, filters).options(*_shown()).order_by(*_order())
    return fetch_first(ctx.session, statement, EXPORTED)


def answered_survey(ctx: Context, survey_id: uuid.UUID) -> Survey:
    """One answered survey with its whole case; NotFound for another one, and for one that was not answered."""
    case = joinedload(Survey.case, innerjoin=True).options(*page_load_options())
    options = [*with_questions(), *with_follow_up(), case]
    return load(ctx, Survey, Survey.id == survey_id, Survey.answered_at.is_not(None), options=options)


def survey_with_follow_up(ctx: Context, survey_id: uuid.UUID) -> Survey:
    """`answered_survey`, for an answer that opened a follow-up; NotFound for any other."""
    found = answered_survey(ctx, survey_id)
    if found.follow_up is None:
        raise NotFound
    return found


def _order() -> Sequence[Any]:
    return (Survey.low.desc(), Survey.answered_at.desc(), Survey.id.desc())


def _shown() -> list[Any]:
    case = joinedload(Survey.case, innerjoin=True)
    seen = load_only(Case.subject, Case.number, Case.account_id, Case.organization_id, Case.provider_id, raiseload=True)
    return [*with_questions(), *with_follow_up(), case.options(seen), case.joinedload(Case.account, innerjoin=True)]


def _matching(ctx: Context, filters: AnswerFilters) -> "Select[Any]":
    found: list[ColumnElement[bool]] = [Survey.answered_at.is_not(None)]
    if filters.account_id is not None:
        found.append(Survey.account_id == filters.account_id)
    if filters.score is not None:
        found.append(Survey.score == filters.score)
    if filters.days:
        found.append(Survey.answered_at > ctx.now - dt.timedelta(days=filters.days))
    if filters.show:
        found.append(Survey.low.is_(True))
    if filters.show in ("open", "mine"):
        task = exists().where(SurveyFollowUp.survey_id == Survey.id, SurveyFollowUp.done_at.is_(None))
        found.append(task.where(SurveyFollowUp.owner_id == ctx.actor.staff_id) if filters.show == "mine" else task)
    if filters.kind:
        found.append(Survey.kind == literal(filters.kind))
    if filters.question is not None:
        questions_id, name = filters.question
        found += [Survey.questions_id == questions_id, Survey.answers.has_key(name)]
    return scope(ctx.actor, Survey).where(*found)


def open_follow_ups(ctx: Context, limit: int = 100) -> int:
    """The number of open follow-ups, counted to *limit* at most."""
    waiting = scope(ctx.actor, SurveyFollowUp).where(SurveyFollowUp.done_at.is_(None))
    counted = waiting.with_only_columns(SurveyFollowUp.id).limit(limit).subquery()
    return ctx.session.scalar(select(func.count()).select_from(counted)) or 0


def count_follow_ups_of(ctx: Context, staff_id: uuid.UUID) -> int:
    """The number of open follow-ups that a staff member owns, also those that the actor may not read, but none of a
    case that excludes the actor."""
    with as_system(ctx) as inner:
        excluded = scope(inner.actor, CaseExclusion).where(CaseExclusion.user_id == ctx.actor.user_id)
        rows = scope(inner.actor, SurveyFollowUp).where(
            SurveyFollowUp.owner_id == staff_id,
            SurveyFollowUp.done_at.is_(None),
            SurveyFollowUp.case_id.not_in(excluded.with_only_columns(CaseExclusion.case_id)),
        )
        return inner.session.scalar(rows.with_only_columns(func.count())) or 0


@dataclass(slots=True)
class Tally:
    """The answers to one question of one version: the number of each answer."""

    question: Mapping[str, Any]
    counts: dict[Any, int] = field(default_factory=dict)

    @property
    def given(self) -> int:
        return sum(self.counts.values())

    @property
    def mean(self) -> float | None:
        """The average of stars; None for other kinds, and without answers."""
        if self.question["kind"] != "stars" or not self.given:
            return None
        return sum(int(stars) * count for stars, count in self.counts.items()) / self.given


@dataclass(slots=True)
class Figures:
    """The answers to one version; never added to those of another."""

    questions: SurveyQuestions
    tallies: list[Tally]
    answered: int = 0
    low: int = 0


def figures(ctx: Context, filters: AnswerFilters) -> list[Figures]:
    """Figures of the newest COUNTED matching answers, the newest version first."""
    rows = ctx.session.execute(
        _matching(ctx, filters)
        .order_by(Survey.answered_at.desc())
        .limit(COUNTED)
        .with_only_columns(Survey.questions_id, Survey.answers, Survey.low)
    ).all()
    wanted = {row.questions_id for row in rows}
    known = (
        ctx.session.scalars(scope(ctx.actor, SurveyQuestions).where(SurveyQuestions.id.in_(wanted))) if wanted else ()
    )
    found = {row.id: Figures(row, [Tally(q) for q in row.questions]) for row in known}
    for questions_id, given, low in rows:
        _count(found[questions_id], given or {}, low)
    return sorted(found.values(), key=lambda answered_survey: -answered_survey.questions.version)


def _count(version: Figures, given: Mapping[str, Any], low: bool) -> None:
    version.answered += 1
    version.low += low
    for tally in version.tallies:
        answer = given.get(tally.question["name"])
        if answer is not None:
            key = "text" if tally.question["kind"] == "text" else answer
            tally.counts[key] = tally.counts.get(key, 0) + 1


def questions_to_filter(versions: Iterable[SurveyQuestions], locale: str, fallback: str) -> list[tuple[str, str]]:
    """(`2.q1`, "Version 2: How was it?") of every question in *versions*, for the filter."""
    return [
        (f"{version.version}.{question['name']}", question_rules.wording(question["text"], locale, fallback))
        for version in versions
        for question in version.questions
    ]
