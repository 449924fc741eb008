"""Scopes of tasks: those of visible cases, for staff."""

from typing import Any

from sqlalchemy import Select, select

from portal.authz import scopes
from portal.cases.models import Case
from portal.cases.policies import visible_cases
from portal.kernel.actor import Actor
from portal.tasks.models import CaseTask


def visible_tasks(actor: Actor) -> "Select[Any]":
    """The tasks of visible cases; none for contacts."""
    rows = select(CaseTask).where(CaseTask.provider_id == actor.provider_id)
    if actor.is_contact:
        return scopes.select_nothing(rows)
    return rows.where(CaseTask.case_id.in_(visible_cases(actor).with_only_columns(Case.id)))


scopes.register_scope(CaseTask, visible_tasks)
