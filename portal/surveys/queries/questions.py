"""Reads of the versions of a provider's questions: current, draft and former."""

from collections.abc import Sequence

from portal.authz.scopes import load, scope
from portal.kernel.context import Context
from portal.surveys.engine.default_questions import DEFAULT_QUESTIONS
from portal.surveys.models import DRAFT, VERSION_OF_TALK, SurveyQuestions

MOST_VERSIONS = 100


def newest(ctx: Context) -> SurveyQuestions | None:
    """The newest version of questions; None before the first one is stored."""
    statement = scope(ctx.actor, SurveyQuestions).where(SurveyQuestions.version > DRAFT)
    return ctx.session.scalars(statement.order_by(SurveyQuestions.version.desc()).limit(1)).one_or_none()


def current(ctx: Context) -> SurveyQuestions:
    """The current questions; without a stored version the built-in ones."""
    defaults = SurveyQuestions(provider_id=ctx.provider_id, version=1, questions=list(DEFAULT_QUESTIONS))
    return newest(ctx) or defaults


def talk_questions(ctx: Context, kind: str) -> SurveyQuestions | None:
    """The one question about a call or a chat; None before it is stored."""
    rows = scope(ctx.actor, SurveyQuestions).where(SurveyQuestions.version == VERSION_OF_TALK[kind])
    return ctx.session.scalars(rows).one_or_none()


def kind_of(questions: SurveyQuestions) -> str:
    """What *questions* ask about: 'case', 'call' or 'chat'."""
    return {version: kind for kind, version in VERSION_OF_TALK.items()}.get(questions.version, "case")


def draft(ctx: Context) -> SurveyQuestions | None:
    """The draft; None if there is none."""
    return ctx.session.scalars(scope(ctx.actor, SurveyQuestions).where(SurveyQuestions.version == DRAFT)).one_or_none()


def version(ctx: Context, number: int) -> SurveyQuestions:
    """The set with *number* (DRAFT: the draft; the current number always exists); NotFound otherwise."""
    if number != DRAFT:
        now = current(ctx)
        if now.version == number:
            return now
    return load(ctx, SurveyQuestions, SurveyQuestions.version == number)


def versions(ctx: Context) -> Sequence[SurveyQuestions]:
    """The sets that are or were asked, newest first, at most MOST_VERSIONS."""
    statement = scope(ctx.actor, SurveyQuestions).where(SurveyQuestions.version > DRAFT)
    return ctx.session.scalars(statement.order_by(SurveyQuestions.version.desc()).limit(MOST_VERSIONS)).all()
