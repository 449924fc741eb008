"""Scopes of worked time: that of visible cases, for staff; timers are one's own."""

from typing import Any

from sqlalchemy import Select, select

from portal.authz import scopes
from portal.cases.models import Case
from portal.cases.policies import visible_cases
from portal.kernel.actor import Actor
from portal.time_entries.models import CaseTimer, TimeEntry


def visible_time(actor: Actor) -> "Select[Any]":
    """The entries of visible cases; none for contacts."""
    rows = select(TimeEntry).where(TimeEntry.provider_id == actor.provider_id)
    if actor.is_contact:
        return scopes.select_nothing(rows)
    return rows.where(TimeEntry.case_id.in_(visible_cases(actor).with_only_columns(Case.id)))


def own_timers(actor: Actor) -> "Select[Any]":
    """The actor's own timers of cases that they see; none for contacts, all for the system."""
    rows = select(CaseTimer).where(CaseTimer.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    if not actor.is_staff:
        return scopes.select_nothing(rows)
    seen = visible_cases(actor).with_only_columns(Case.id)
    return rows.where(CaseTimer.staff_id == actor.staff_id, CaseTimer.case_id.in_(seen))


scopes.register_scope(TimeEntry, visible_time)
scopes.register_scope(CaseTimer, own_timers)
