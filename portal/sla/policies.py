"""Scopes of promises: clocks through their case, agreements of the own organization; staff see the rest."""

from typing import Any

from sqlalchemy import Select, or_, select

from portal.authz import scopes
from portal.cases.models import Case
from portal.cases.policies import visible_cases
from portal.kernel.actor import Actor
from portal.sla.models import (
    Assignment,
    CalendarVersion,
    CaseSlaState,
    EscalationRule,
    EscalationStep,
    FiredStep,
    Objection,
    PolicyVersion,
    PromiseShown,
    Run,
    SlaCalendar,
    SlaClock,
    SlaPolicy,
)
from portal.tenants.policies import of_provider


def scope_through_case(model: Any, *, staff_only: bool = False) -> Any:
    """A scope for rows of visible cases."""

    def visible(actor: Actor) -> "Select[Any]":
        rows = select(model).where(model.provider_id == actor.provider_id)
        if actor.is_system:
            return rows
        if staff_only and not actor.is_staff:
            return scopes.select_nothing(rows)
        return rows.where(model.case_id.in_(visible_cases(actor).with_only_columns(Case.id)))

    return visible


def visible_assignments(actor: Actor) -> "Select[Any]":
    """For staff all; for contacts the agreements with their organizations and accounts."""
    rows = select(Assignment).where(Assignment.provider_id == actor.provider_id)
    if not actor.is_contact:
        return rows if actor.is_staff or actor.is_system else scopes.select_nothing(rows)
    accounts = {row.account_id for row in actor.access}
    return rows.where(
        Assignment.organization_id.in_(set(actor.memberships)),
        or_(Assignment.account_id.is_(None), Assignment.account_id.in_(accounts)),
    )


def _scope_through_assignments(model: Any, column: Any, *sources: Any) -> Any:
    """A scope for rows that visible assignments use."""

    def visible(actor: Actor) -> "Select[Any]":
        rows = select(model).where(model.provider_id == actor.provider_id)
        if not actor.is_contact:
            return rows if actor.is_staff or actor.is_system else scopes.select_nothing(rows)
        return rows.where(or_(*(column.in_(source(actor)) for source in sources)))

    return visible


def _policies(actor: Actor) -> Any:
    return visible_assignments(actor).with_only_columns(Assignment.policy_id)


def _calendars(actor: Actor) -> Any:
    return visible_assignments(actor).with_only_columns(Assignment.calendar_id)


def _own_calendars(actor: Actor) -> Any:
    return select(PolicyVersion.calendar_id).where(
        PolicyVersion.provider_id == actor.provider_id, PolicyVersion.policy_id.in_(_policies(actor))
    )


scopes.register_scope(Assignment, visible_assignments)
scopes.register_scope(SlaPolicy, _scope_through_assignments(SlaPolicy, SlaPolicy.id, _policies))
scopes.register_scope(PolicyVersion, _scope_through_assignments(PolicyVersion, PolicyVersion.policy_id, _policies))
scopes.register_scope(SlaCalendar, _scope_through_assignments(SlaCalendar, SlaCalendar.id, _calendars, _own_calendars))
scopes.register_scope(
    CalendarVersion,
    _scope_through_assignments(CalendarVersion, CalendarVersion.calendar_id, _calendars, _own_calendars),
)
scopes.register_scope(CaseSlaState, scope_through_case(CaseSlaState))
scopes.register_scope(SlaClock, scope_through_case(SlaClock))
scopes.register_scope(PromiseShown, scope_through_case(PromiseShown))
scopes.register_scope(Objection, scope_through_case(Objection))
scopes.register_scope(FiredStep, scope_through_case(FiredStep, staff_only=True))
scopes.register_scope(EscalationRule, of_provider(EscalationRule, staff_only=True))
scopes.register_scope(EscalationStep, of_provider(EscalationStep, staff_only=True))
scopes.register_scope(Run, of_provider(Run, staff_only=True))
