"""Scopes of approvals: rules for one's own clients, requests and answers of visible cases."""

from typing import Any

from sqlalchemy import Select, select

from portal.approvals.models import ApprovalAnswer, ApprovalRequest, ApprovalRule
from portal.authz import scopes
from portal.cases.models import Case
from portal.cases.policies import visible_cases
from portal.kernel.actor import Actor


def visible_rules(actor: Actor) -> "Select[Any]":
    """Staff: all. Contacts: those for their client alone."""
    rows = select(ApprovalRule).where(ApprovalRule.provider_id == actor.provider_id)
    if actor.is_staff or actor.is_system:
        return rows
    if not actor.is_contact:
        return scopes.select_nothing(rows)
    return rows.where(ApprovalRule.organization_id.in_(sorted(actor.memberships)))


def _of_visible_cases(model: Any) -> Any:
    def visible(actor: Actor) -> "Select[Any]":
        rows = select(model).where(model.provider_id == actor.provider_id)
        if actor.is_system:
            return rows
        if actor.is_contact:
            rows = rows.where(model.internal.is_(False))
        return rows.where(model.case_id.in_(visible_cases(actor).with_only_columns(Case.id)))

    return visible


scopes.register_scope(ApprovalRule, visible_rules)
scopes.register_scope(ApprovalRequest, _of_visible_cases(ApprovalRequest))
scopes.register_scope(ApprovalAnswer, _of_visible_cases(ApprovalAnswer))
