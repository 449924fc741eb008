"""Drafting questions and publishing them as a new version."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.kernel import ids
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, NotFound, Refused
from portal.kernel.events import record
from portal.surveys.engine import questions as question_rules
from portal.surveys.engine.questions import QuestionProblem
from portal.surveys.models import DRAFT, SurveyQuestions
from portal.surveys.queries.questions import current, newest
from portal.surveys.refusals import refusal_of


def publish_questions(ctx: Context, questions: Sequence[Mapping[str, Any]]) -> SurveyQuestions:
    """Make *questions* the newest version, without a draft; records `survey_questions.published` (version).

    Nothing happens if they equal the current ones. Raises Refused for an invalid set.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    checked = _check_questions(ctx, questions)
    before = newest(ctx)
    if before is not None and before.questions == checked:
        return before
    row = SurveyQuestions(
        provider_id=ctx.provider_id,
        version=before.version + 1 if before else 1,
        questions=checked,
        created_at=ctx.now,
    )
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "survey_questions.published", row, version=row.version)
    return row


def add_question(ctx: Context, question: Mapping[str, Any]) -> SurveyQuestions:
    """Add a question at the end of the draft; records `survey_questions.drafted`. Raises Refused beyond the limit, or
    for an invalid question."""

    def change(questions: list[dict[str, Any]]) -> None:
        if len(questions) >= question_rules.MOST_QUESTIONS:
            raise Refused(_("Ask at most %(limit)d questions", limit=question_rules.MOST_QUESTIONS))
        taken = {one["name"] for one in questions}
        name = next(f"q{n}" for n in range(1, len(questions) + 2) if f"q{n}" not in taken)
        questions.append({**_check_question(ctx, question), "name": name})

    return _change_draft(ctx, change)


def change_question(ctx: Context, name: str, question: Mapping[str, Any]) -> SurveyQuestions:
    """Replace the question *name* of the draft; records `survey_questions.drafted`. NotFound if it has none."""

    def change(questions: list[dict[str, Any]]) -> None:
        here = _position_of(questions, name)
        questions[here] = {**_check_question(ctx, question), "name": name}

    return _change_draft(ctx, change)


def move_question(ctx: Context, name: str, *, up: bool) -> SurveyQuestions:
    """Swap the question *name* of the draft with its neighbor; at the end of the list nothing changes."""

    def change(questions: list[dict[str, Any]]) -> None:
        here = _position_of(questions, name)
        there = here - 1 if up else here + 1
        if 0 <= there < len(questions):
            questions[here], questions[there] = questions[there], questions[here]

    return _change_draft(ctx, change)


def remove_question(ctx: Context, name: str) -> SurveyQuestions:
    """Remove the question *name* from the draft; records `survey_questions.drafted`. Refused for the last one."""

    def change(questions: list[dict[str, Any]]) -> None:
        here = _position_of(questions, name)
        if len(questions) == 1:
            raise Refused(_("Ask at least one question"))
        del questions[here]

    return _change_draft(ctx, change)


def publish(ctx: Context) -> SurveyQuestions:
    """Publish the draft as a new version; answers to former versions stay with theirs.

    Records `survey_questions.published` (version). Raises Conflict without a draft, or if it changes nothing.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    row = _lock_draft(ctx)
    if row is None:
        raise Conflict(_("There is no draft. Somebody published or discarded it."))
    before = current(ctx)
    checked = _check_questions(ctx, row.questions)
    if before.questions == checked:
        raise Conflict(_("The draft does not differ from the current questions."))
    stored = newest(ctx)
    try:
        with ctx.session.begin_nested():
            row.version, row.questions, row.created_at = (stored.version + 1 if stored else 1), checked, ctx.now
            ctx.session.flush()
    except IntegrityError:  # the built-in questions were just asked for the first time, which made them version 1
        raise Conflict(_("Somebody else changed this while you were working on it.")) from None
    record(ctx, "survey_questions.published", row, version=row.version)
    return row


def discard(ctx: Context) -> None:
    """Delete the draft; records `survey_questions.discarded`. Raises Conflict if there is none."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    row = _lock_draft(ctx)
    if row is None:
        raise Conflict(_("There is no draft. Somebody published or discarded it."))
    record(ctx, "survey_questions.discarded", row)
    ctx.session.delete(row)
    ctx.session.flush()


def _check_questions(ctx: Context, questions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """*questions* in their stored form. Raises Refused for an invalid set."""
    try:
        return question_rules.check_questions(questions, ctx.provider.locale)
    except QuestionProblem as problem:
        raise refusal_of(problem) from None


def _check_question(ctx: Context, question: Mapping[str, Any]) -> dict[str, Any]:
    """One question in its stored form. Raises Refused, with the field, for an invalid one."""
    try:
        return question_rules.check_question(question, ctx.provider.locale)
    except QuestionProblem as problem:
        raise refusal_of(problem) from None


def _change_draft(ctx: Context, change: Callable[[list[dict[str, Any]]], None]) -> SurveyQuestions:
    """The draft after *change*; it begins as a copy of the current questions."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    row = _lock_draft(ctx)
    questions = [dict(one) for one in (row or current(ctx)).questions]
    change(questions)
    if row is None:
        first = insert(SurveyQuestions).values(
            id=ids.new_id(), provider_id=ctx.provider_id, version=DRAFT, questions=questions, created_at=ctx.now
        )
        ctx.session.execute(first.on_conflict_do_nothing())
        row = _lock_draft(ctx)
        if row is None or row.questions != questions:
            raise Conflict(_("Somebody else has just started a draft. Look at it first."))
    row.questions = questions
    ctx.session.flush()
    record(ctx, "survey_questions.drafted", row)
    return row


def _lock_draft(ctx: Context) -> SurveyQuestions | None:
    statement = select(SurveyQuestions).where(
        SurveyQuestions.provider_id == ctx.provider_id, SurveyQuestions.version == DRAFT
    )
    return ctx.session.scalars(statement.with_for_update().execution_options(populate_existing=True)).one_or_none()


def _position_of(questions: Sequence[Mapping[str, Any]], name: str) -> int:
    for number, question in enumerate(questions):
        if question["name"] == name:
            return number
    raise NotFound
