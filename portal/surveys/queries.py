"""Reads about surveys: the one that waits for an answer, the answer itself, and the one behind a mailed link."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import joinedload

from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.cases.queries.one import shown
from portal.identity.models import User
from portal.kernel import tokens
from portal.kernel.actor import Side
from portal.kernel.context import Context
from portal.kernel.database import Tenancy, bind, tenancy_of
from portal.kernel.errors import Gone, NotFound
from portal.surveys.models import Survey
from portal.tenants.queries import actors

PURPOSE = "survey"
LASTS = dt.timedelta(days=30)


def open_survey(ctx: Context, case: Case) -> Survey | None:
    """The survey of *case* that waits for the actor's answer, with its questions; None if there is none."""
    statement = scope(ctx.actor, Survey).where(
        Survey.case_id == case.id,
        Survey.user_id == ctx.actor.user_id,
        Survey.cycle == case.cycle,
        Survey.answered_at.is_(None),
        Survey.asked_at > ctx.now - LASTS,
    )
    return ctx.session.scalars(statement.options(joinedload(Survey.questions, innerjoin=True))).one_or_none()


def answer_for(ctx: Context, case: Case) -> Survey | None:
    """The newest answered survey of *case* that the actor may see: staff all, the contact the own one."""
    statement = scope(ctx.actor, Survey).where(Survey.case_id == case.id, Survey.answered_at.is_not(None))
    statement = statement.options(joinedload(Survey.questions, innerjoin=True)).order_by(Survey.cycle.desc()).limit(1)
    return ctx.session.scalars(statement).one_or_none()


@dataclass(frozen=True, slots=True)
class Said:
    """One answered question."""

    text: str
    kind: str
    answer: Any


def said(survey: Survey) -> list[Said]:
    """The answers of *survey* beside their questions; questions that were left out are left out."""
    answers = survey.answers or {}
    return [
        Said(question["text"], question["kind"], answers[question["name"]])
        for question in survey.questions.questions
        if answers.get(question["name"]) not in (None, "")
    ]


def by_token(ctx: Context, token: str) -> Survey:
    """The survey behind a mailed link, with case and questions. From here on the request acts as the person it asks.

    NotFound for a wrong link and for a case that this person may not see any more, Gone for one that is too old and
    was not answered.
    """
    row = tokens.look(ctx, PURPOSE, token)
    before = tenancy_of(ctx.session)
    bind(ctx.session, Tenancy(ctx.provider_id, side=Side.SYSTEM))
    asked = ctx.session.get(Survey, row.subject_id)
    person = ctx.session.get(User, asked.user_id) if asked is not None else None
    if person is None or person.ended_at is not None:
        bind(ctx.session, before)
        raise NotFound
    ctx.actor = actors.contacts(ctx, [person])[person.id]
    bind(ctx.session, Tenancy.of(ctx.actor))
    found = ctx.session.scalars(
        scope(ctx.actor, Survey)
        .where(Survey.id == row.subject_id)
        .options(
            joinedload(Survey.questions, innerjoin=True), joinedload(Survey.case, innerjoin=True).options(*shown())
        )
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    if found.answered_at is None and row.expires_at <= ctx.now:
        raise Gone
    return found
