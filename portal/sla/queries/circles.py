"""Whom an escalation step means: owner, lead, account manager, department, tier, or somebody by id."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import selectinload

from portal.authz.permissions import Permission
from portal.authz.roles import ROLES, StaffRole
from portal.authz.scopes import load, scope
from portal.cases.models import Case
from portal.kernel.context import Context
from portal.kernel.ids import parse
from portal.sla.models import EscalationRule
from portal.tenants.models import Account, StaffAccount, StaffDepartment, StaffMember
from portal.tenants.queries.name_search import fold_column

Id = uuid.UUID
MOST = 50


def people_in(ctx: Context, case: Case, circles: Iterable[str]) -> list[Id]:
    """The user ids of active staff whom *circles* mean for *case*, each once. Nobody owns it: the owner's alarm goes
    to a lead. Whether each may see the case is decided when they are told."""
    found: dict[Id, None] = {}
    for circle in circles:
        for user_id in _circle(ctx, case, circle):
            found[user_id] = None
    return list(found)


def _circle(ctx: Context, case: Case, circle: str) -> Sequence[Id]:
    rows = _looking_after(ctx, case)
    match circle:
        case "owner" if case.owner_id is not None:
            rows = rows.where(StaffMember.id == case.owner_id)
        case "owner" | "lead":
            rows = rows.where(StaffMember.role == StaffRole.LEAD.value)
        case "account_manager":
            rows = rows.where(StaffMember.id.in_(select(Account.manager_id).where(Account.id == case.account_id)))
        case "department":
            rows = rows.join(StaffDepartment, StaffDepartment.staff_id == StaffMember.id).where(
                StaffDepartment.department_id == case.department_id
            )
        case "tier":
            answer = [role.value for role in StaffRole if Permission.CASE_ANSWER in ROLES[role]]
            rows = rows.where(StaffMember.tier == case.tier, StaffMember.role.in_(answer))
        case _:
            rows = rows.where(StaffMember.id == parse(circle))
    return ctx.session.scalars(rows.order_by(StaffMember.id).limit(MOST)).all()


def _looking_after(ctx: Context, case: Case) -> "Select[Any]":
    looks_after = select(StaffAccount.staff_id).where(StaffAccount.account_id == case.account_id)
    return select(StaffMember.user_id).where(
        StaffMember.provider_id == ctx.provider_id,
        StaffMember.active,
        or_(StaffMember.all_accounts, StaffMember.id.in_(looks_after)),
    )


def lead_of(ctx: Context, case: Case) -> Id | None:
    """The staff id of a lead who looks after the case's account; always the same one."""
    rows = _looking_after(ctx, case).where(StaffMember.role == StaffRole.LEAD.value)
    found: Id | None = ctx.session.scalar(rows.with_only_columns(StaffMember.id).order_by(StaffMember.id).limit(1))
    return found


def rules(ctx: Context) -> Sequence[EscalationRule]:
    """Escalation rules by name, with their active steps."""
    rows = scope(ctx.actor, EscalationRule).options(selectinload(EscalationRule.steps))
    return ctx.session.scalars(rows.order_by(fold_column(EscalationRule.name), EscalationRule.id).limit(200)).all()


def rule(ctx: Context, rule_id: Id) -> EscalationRule:
    """One rule with its active steps; NotFound otherwise."""
    return load(ctx, EscalationRule, EscalationRule.id == rule_id, options=[selectinload(EscalationRule.steps)])
