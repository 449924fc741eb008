"""The rules of a provider. Every read starts at a scope."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import or_

from portal.approvals.engine.conditions import RuleCondition, RuleSubject
from portal.approvals.models import ApprovalRule
from portal.approvals.rules import MOST_RULES
from portal.authz.scopes import load, scope
from portal.kernel.actor import Id
from portal.kernel.config_cache import cached_config, for_everybody
from portal.kernel.context import Context
from portal.kernel.system_context import as_system


@dataclass(frozen=True, slots=True)
class ActiveRule:
    """A rule in use."""

    id: Id
    name: str
    condition: RuleCondition
    steps: Sequence[Mapping[str, Any]]
    due_hours: int | None
    remind_hours: int
    pauses: bool


def rules(ctx: Context) -> Sequence[ApprovalRule]:
    """All visible rules in their order, those in use first."""
    rows = scope(ctx.actor, ApprovalRule).order_by(ApprovalRule.active.desc(), ApprovalRule.position, ApprovalRule.id)
    return ctx.session.scalars(rows.limit(MOST_RULES)).all()


def rules_of_organization(ctx: Context, organization_id: Id) -> Sequence[ApprovalRule]:
    """The rules in use that concern a client, those for every client too, in their order. For whoever administers it:
    of the people whom they name the caller shows only its own."""
    with as_system(ctx) as inner:
        rows = scope(inner.actor, ApprovalRule).where(
            ApprovalRule.active,
            or_(ApprovalRule.organization_id.is_(None), ApprovalRule.organization_id == organization_id),
        )
        rows = rows.order_by(ApprovalRule.position, ApprovalRule.id)
        return inner.session.scalars(rows.limit(MOST_RULES)).all()


def rule(ctx: Context, rule_id: Id, *, lock: bool = False) -> ApprovalRule:
    """One visible rule; NotFound otherwise."""
    return load(ctx, ApprovalRule, ApprovalRule.id == rule_id, lock=lock)


def matching_rules(ctx: Context, facts: RuleSubject) -> list[ActiveRule]:
    """The rules in use that ask about a case with *facts*, in their order; no statement while nothing changed."""
    return [one for one in active_rules(ctx) if one.condition.holds(facts)]


def rules_over_amounts(ctx: Context, facts: RuleSubject) -> list[ActiveRule]:
    """The rules in use that ask about a case with *facts* if a number of its form, not known yet, is over an amount."""
    return [one for one in active_rules(ctx) if one.condition.holds_if_over(facts)]


def active_rules(ctx: Context) -> list[ActiveRule]:
    """The rules in use, in their order. They decide about cases of every client, whoever asks."""
    return [_active_rule(*row) for row in cached_config(ctx, for_everybody, _read_active)]


def _read_active(ctx: Context) -> tuple[Any, ...]:
    with as_system(ctx) as inner:
        rows = scope(inner.actor, ApprovalRule).where(ApprovalRule.active)
        columns: tuple[Any, ...] = (
            *(ApprovalRule.id, ApprovalRule.name, ApprovalRule.organization_id, ApprovalRule.account_id),
            *(ApprovalRule.request_type_id, ApprovalRule.environment_kind, ApprovalRule.severity),
            *(ApprovalRule.field_key, ApprovalRule.over, ApprovalRule.steps, ApprovalRule.due_hours),
            *(ApprovalRule.remind_hours, ApprovalRule.pauses),
        )
        rows = rows.with_only_columns(*columns).order_by(ApprovalRule.position, ApprovalRule.id).limit(MOST_RULES)
        found: list[tuple[Any, ...]] = [tuple(row) for row in inner.session.execute(rows)]
    return tuple((*row[:8], str(row[8] or ""), json.dumps(row[9]), *row[10:]) for row in found)


def _active_rule(
    id: Id,
    name: str,
    organization_id: Id | None,
    account_id: Id | None,
    request_type_id: Id | None,
    environment_kind: str,
    severity: int | None,
    field_key: str,
    over: str,
    steps: str,
    due_hours: int | None,
    remind_hours: int,
    pauses: bool,
) -> ActiveRule:
    condition = RuleCondition(
        organization_id,
        account_id,
        request_type_id,
        environment_kind,
        severity,
        field_key,
        Decimal(over) if over else None,
    )
    return ActiveRule(id, name, condition, json.loads(steps), due_hours, remind_hours, pauses)
