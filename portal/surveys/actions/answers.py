"""Writes on answers: answering a survey once, and choosing whether a call is wanted after a low answer."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.scopes import load, scope
from portal.cases.models import Case, CaseLocation
from portal.kernel import tokens
from portal.kernel.context import Context
from portal.kernel.errors import Conflict
from portal.kernel.events import record
from portal.kernel.system_context import as_system
from portal.surveys.engine import questions as question_rules
from portal.surveys.models import Survey, SurveyFollowUp
from portal.surveys.queries import PURPOSE
from portal.surveys.queries.plan import terms


def answer(ctx: Context, survey: Survey, case: Case, *, answers: Mapping[str, Any]) -> Survey:
    """Store the answers of the person whom *survey* asks. An answer is final; the first stars are the score.

    Records `survey.answered` (fact: score). A low answer opens a follow-up and records `survey.low_score`.
    Conflict if it was answered already, or while the case is open again.
    """
    require(ctx.actor, Permission.SURVEY_ANSWER, survey)
    questions = survey.questions.questions
    row = load(ctx, Survey, Survey.id == survey.id, lock=True)
    if row.answered_at is not None:
        raise Conflict(_("You have already answered these questions."))
    if row.kind == "case" and case.unresolved:
        raise Conflict(_("This case is open again. We will ask once it is solved."))
    row.answers = {name: value for name, value in answers.items() if value not in (None, "")}
    row.score, row.low = question_rules.score(questions, row.answers), question_rules.is_low(questions, row.answers)
    row.answered_at = ctx.now
    record(ctx, "survey.answered", row, case=case, score=row.score)
    if row.low:
        _open_follow_up(ctx, row, case)
    else:
        tokens.revoke_tokens(ctx, PURPOSE, row.id)
    return row


def _open_follow_up(ctx: Context, survey: Survey, case: Case) -> None:
    """A task for staff, due after the provider's days; customers never see it, so the system writes it."""
    with as_system(ctx) as system_ctx:
        follow_up = SurveyFollowUp(
            **CaseLocation.of(case).columns(),
            survey_id=survey.id,
            opened_at=ctx.now,
            due_at=ctx.now + dt.timedelta(days=terms(system_ctx).follow_up_days),
        )
        system_ctx.session.add(follow_up)
    record(ctx, "survey.low_score", survey, case=case, score=survey.score)


def say_about_call(ctx: Context, survey: Survey, case: Case, *, wanted: bool, phone: str = "") -> None:
    """Store whether the person who gave a low answer wants a call. A wanted call is part of the follow-up, which is
    opened again if it was done. Records `survey.call_asked`. Conflict if this is stored already, or without a low
    answer.
    """
    require(ctx.actor, Permission.SURVEY_ANSWER, survey)
    row = load(ctx, Survey, Survey.id == survey.id, lock=True)
    if not row.low or row.call_wanted is not None:
        raise Conflict(_("You have already told us."))
    row.call_wanted, row.call_phone = wanted, phone if wanted else ""
    tokens.revoke_tokens(ctx, PURPOSE, row.id)
    if not wanted:
        return
    with as_system(ctx) as system_ctx:
        follow_up = system_ctx.session.scalars(
            scope(system_ctx.actor, SurveyFollowUp)
            .where(SurveyFollowUp.survey_id == row.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one()
        if follow_up.done_at is not None:
            follow_up.done_at = None
            follow_up.due_at = ctx.now + dt.timedelta(days=terms(system_ctx).follow_up_days)
        follow_up.version += 1
    record(ctx, "survey.call_asked", row, case=case)
