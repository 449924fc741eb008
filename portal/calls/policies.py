"""Scopes of phone."""

from typing import Any

from sqlalchemy import Select, select

from portal.authz import scopes
from portal.calls.models import Call, CallBack, CallCheck, CheckedRequestType, Hotline
from portal.cases.models import Case
from portal.cases.policies import visible_cases
from portal.kernel.actor import Actor
from portal.sla.policies import scope_through_case
from portal.tenants.policies import of_provider


def visible_call_backs(actor: Actor) -> "Select[Any]":
    """Those about visible cases; a contact sees only what they asked for themself."""
    rows = select(CallBack).where(CallBack.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    if actor.is_contact:
        rows = rows.where(CallBack.user_id == actor.user_id)
    return rows.where(CallBack.case_id.in_(visible_cases(actor).with_only_columns(Case.id)))


def visible_checks(actor: Actor) -> "Select[Any]":
    """Those of visible cases; a contact sees only the ones with themself."""
    rows = select(CallCheck).where(CallCheck.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    if actor.is_contact:
        rows = rows.where(CallCheck.user_id == actor.user_id)
    return rows.where(CallCheck.case_id.in_(visible_cases(actor).with_only_columns(Case.id)))


scopes.register_scope(CallCheck, visible_checks)
scopes.register_scope(CheckedRequestType, of_provider(CheckedRequestType))
scopes.register_scope(Hotline, of_provider(Hotline))
scopes.register_scope(CallBack, visible_call_backs)
scopes.register_scope(Call, scope_through_case(Call, staff_only=True))
