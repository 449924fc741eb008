"""Scopes of snoozes: one's own, of cases that one sees."""

from typing import Any

from sqlalchemy import ColumnElement, Select, select

from portal.authz import scopes
from portal.cases.models import Case
from portal.cases.policies import visible_cases
from portal.kernel.actor import Actor
from portal.snoozes.models import CaseSnooze


def own_snoozes(actor: Actor) -> "Select[Any]":
    """The actor's own snoozes; none for contacts, all for the system."""
    rows = select(CaseSnooze).where(CaseSnooze.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    if not actor.is_staff:
        return scopes.select_nothing(rows)
    seen = visible_cases(actor).with_only_columns(Case.id)
    return rows.where(CaseSnooze.user_id == actor.user_id, CaseSnooze.case_id.in_(seen))


def is_set_aside(actor: Actor) -> ColumnElement[bool]:
    """Cases that *actor* snoozes now."""
    own = select(CaseSnooze.case_id).where(CaseSnooze.user_id == actor.user_id, CaseSnooze.woken_at.is_(None))
    return Case.id.in_(own)


scopes.register_scope(CaseSnooze, own_snoozes)
