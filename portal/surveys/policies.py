"""Which surveys an actor may see: one's own; staff those of their cases."""

from typing import Any

from sqlalchemy import Select, select

from portal.authz import scopes
from portal.cases.models import Case
from portal.cases.policies import visible_cases
from portal.kernel.actor import Actor
from portal.surveys.models import Survey, SurveyQuestions
from portal.tenants.policies import of_provider


def visible_surveys(actor: Actor) -> "Select[Any]":
    """Through the case; a contact sees only the survey that asks them."""
    rows = select(Survey).where(
        Survey.provider_id == actor.provider_id,
        Survey.case_id.in_(visible_cases(actor).with_only_columns(Case.id)),
    )
    return rows.where(Survey.user_id == actor.user_id) if actor.is_contact else rows


scopes.register(Survey, visible_surveys)
scopes.register(SurveyQuestions, of_provider(SurveyQuestions))
