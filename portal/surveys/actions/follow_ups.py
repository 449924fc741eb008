"""Writes on follow-ups of low answers: somebody takes the task and ends it with a note."""

from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.scopes import load
from portal.cases.models import Case
from portal.kernel.context import Context
from portal.kernel.errors import Conflict
from portal.kernel.events import record
from portal.surveys.models import Survey, SurveyFollowUp


def take(ctx: Context, survey: Survey, case: Case) -> SurveyFollowUp:
    """Make the actor the owner of the follow-up of *survey*, also instead of a colleague; records
    `survey.follow_up_taken`. Conflict if it is done, or theirs already."""
    row = _open(ctx, survey)
    if row.owner_id == ctx.actor.staff_id:
        raise Conflict(_("You are already following this up."))
    row.owner_id = ctx.actor.staff_id
    row.version += 1
    ctx.session.flush()
    record(ctx, "survey.follow_up_taken", row, case=case)
    return row


def finish(ctx: Context, survey: Survey, case: Case, *, note: str) -> SurveyFollowUp:
    """End the follow-up; *note* is its result. Without an owner, the actor becomes the owner. Records
    `survey.followed_up`. Conflict if it is done already.
    """
    row = _open(ctx, survey)
    row.owner_id = row.owner_id or ctx.actor.staff_id
    row.note, row.done_at = note, ctx.now
    row.version += 1
    ctx.session.flush()
    record(ctx, "survey.followed_up", row, case=case)
    return row


def _open(ctx: Context, survey: Survey) -> SurveyFollowUp:
    require(ctx.actor, Permission.SURVEY_FOLLOW_UP, survey)
    row = load(ctx, SurveyFollowUp, SurveyFollowUp.survey_id == survey.id, lock=True)
    if row.done_at is not None:
        raise Conflict(_("This was already followed up."))
    return row
