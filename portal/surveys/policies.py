"""Scopes of surveys: contacts see their own, staff those of their cases. Nobody else of an organization sees them."""

from typing import Any

from sqlalchemy import Select, select

from portal.authz import scopes
from portal.authz.access import register_relation
from portal.authz.roles import CaseRole
from portal.cases.models import Case
from portal.cases.policies import visible_cases
from portal.kernel.actor import Actor
from portal.surveys.models import Survey, SurveyFollowUp, SurveyPlan, SurveyQuestions
from portal.tenants.policies import of_provider


def visible_surveys(actor: Actor) -> "Select[Any]":
    """Through the case; a contact sees only the survey that asks them."""
    rows = select(Survey).where(
        Survey.provider_id == actor.provider_id,
        Survey.case_id.in_(visible_cases(actor).with_only_columns(Case.id)),
    )
    return rows.where(Survey.user_id == actor.user_id) if actor.is_contact else rows


def visible_follow_ups(actor: Actor) -> "Select[Any]":
    """Staff: those of their cases. Customers never see follow-ups."""
    rows = select(SurveyFollowUp).where(SurveyFollowUp.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    if not actor.is_staff:
        return scopes.select_nothing(rows)
    return rows.where(SurveyFollowUp.case_id.in_(visible_cases(actor).with_only_columns(Case.id)))


def asked(actor: Actor, survey: Survey) -> set[CaseRole]:
    """The relation to a survey: the person it asks is its contact, also after the contact of the case changed."""
    return {CaseRole.CONTACT} if actor.is_contact and survey.user_id == actor.user_id else set()


register_relation(Survey, asked)
scopes.register_scope(Survey, visible_surveys)
scopes.register_scope(SurveyFollowUp, visible_follow_ups)
scopes.register_scope(SurveyPlan, of_provider(SurveyPlan))
scopes.register_scope(SurveyQuestions, of_provider(SurveyQuestions))
