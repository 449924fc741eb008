"""Scopes of phone."""

from typing import Any

from sqlalchemy import Select, func, or_, select

from portal.authz import scopes
from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.calls.models import (
    Call,
    CallBack,
    CallCheck,
    CheckedRequestType,
    Hotline,
    IncomingCall,
    PhoneExtension,
    TelephoneSystem,
)
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


def visible_incoming_calls(actor: Actor) -> "Select[Any]":
    """Staff who read cases: those that rang for themself, those of the accounts that they look after, and those from
    numbers that belonged to nobody."""
    rows = select(IncomingCall).where(IncomingCall.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    if not actor.is_staff or not can(actor, Permission.CASE_READ):
        return scopes.select_nothing(rows)
    if actor.all_accounts:
        return rows
    unknown = func.cardinality(IncomingCall.account_ids) == 0
    own = IncomingCall.account_ids.overlap(sorted(actor.account_ids))
    return rows.where(or_(IncomingCall.staff_id == actor.staff_id, unknown, own))


def visible_extensions(actor: Actor) -> "Select[Any]":
    """Staff of the provider."""
    rows = select(PhoneExtension).where(PhoneExtension.provider_id == actor.provider_id)
    return rows if actor.is_staff or actor.is_system else scopes.select_nothing(rows)


def visible_systems(actor: Actor) -> "Select[Any]":
    """Staff of the provider: the menu of the desk asks whether there is one."""
    rows = select(TelephoneSystem).where(TelephoneSystem.provider_id == actor.provider_id)
    return rows if actor.is_staff or actor.is_system else scopes.select_nothing(rows)


scopes.register_scope(IncomingCall, visible_incoming_calls)
scopes.register_scope(PhoneExtension, visible_extensions)
scopes.register_scope(TelephoneSystem, visible_systems)
scopes.register_scope(CallCheck, visible_checks)
scopes.register_scope(CheckedRequestType, of_provider(CheckedRequestType))
scopes.register_scope(Hotline, of_provider(Hotline))
scopes.register_scope(CallBack, visible_call_backs)
scopes.register_scope(Call, scope_through_case(Call, staff_only=True))
