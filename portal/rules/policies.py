"""Scopes of rules: staff of the provider; of the log what is about cases that they see."""

from typing import Any

from sqlalchemy import Select, select

from portal.authz import scopes
from portal.cases.models import Case
from portal.cases.policies import visible_cases
from portal.kernel.actor import Actor
from portal.rules.models import CaseRule, CaseRuleFiring


def visible_rules(actor: Actor) -> "Select[Any]":
    """Staff: all. Contacts: none."""
    rows = select(CaseRule).where(CaseRule.provider_id == actor.provider_id)
    return rows if actor.is_staff or actor.is_system else scopes.select_nothing(rows)


def visible_firings(actor: Actor) -> "Select[Any]":
    """Staff: those of cases that they see. Contacts: none."""
    rows = select(CaseRuleFiring).where(CaseRuleFiring.provider_id == actor.provider_id)
    if actor.is_system:
        return rows
    if not actor.is_staff:
        return scopes.select_nothing(rows)
    return rows.where(CaseRuleFiring.case_id.in_(visible_cases(actor).with_only_columns(Case.id)))


scopes.register_scope(CaseRule, visible_rules)
scopes.register_scope(CaseRuleFiring, visible_firings)
