"""How content a person was."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func

from portal.authz.scopes import scope
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.surveys.models import Survey

# Older answers say little of today.
SPAN = dt.timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """The mean of a person's *answers* with stars, from 1 to 5."""

    mean: float
    answers: int


def satisfaction_of(ctx: Context, user_id: Id) -> Satisfaction | None:
    """The satisfaction of a person in the cases that the actor sees, within the last year; None without an answer. One
    statement."""
    rows = scope(ctx.actor, Survey).where(
        Survey.user_id == user_id,
        Survey.asked_at > ctx.now - SPAN,
        Survey.answered_at.is_not(None),
        Survey.score.is_not(None),
    )
    mean, answers = ctx.session.execute(rows.with_only_columns(func.avg(Survey.score), func.count())).one()
    return Satisfaction(float(mean), answers) if answers else None
