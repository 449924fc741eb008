"""Answering a survey."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.scopes import load
from portal.cases.models import Case
from portal.kernel import tokens
from portal.kernel.context import Context
from portal.kernel.errors import Conflict
from portal.kernel.events import record
from portal.surveys.models import Survey
from portal.surveys.queries import PURPOSE


def answer(ctx: Context, survey: Survey, case: Case, *, answers: Mapping[str, Any]) -> Survey:
    """Store the answers of the person whom *survey* asks, once and for ever; the first stars are the score.

    Records `survey.answered` (fact: score). Conflict if it was answered already.
    """
    require(ctx.actor, Permission.SURVEY_ANSWER, survey)
    stars = [question["name"] for question in survey.questions.questions if question["kind"] == "stars"]
    row = load(ctx, Survey, Survey.id == survey.id, lock=True)
    if row.answered_at is not None:
        raise Conflict(_("You answered these questions already."))
    row.answers = {name: value for name, value in answers.items() if value not in (None, "")}
    row.score = next((int(row.answers[name]) for name in stars if name in row.answers), None)
    row.answered_at = ctx.now
    tokens.revoke(ctx, PURPOSE, row.id)
    record(ctx, "survey.answered", row, case=case, score=row.score)
    return row
