"""Escalation rules for administrators, and the dry run of a rule over the last weeks."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import selectinload

from portal.authz.permissions import Permission
from portal.authz.roles import ROLES, StaffRole
from portal.authz.scopes import load, scope
from portal.cases.models import Case, CaseSubscription
from portal.cases.queries.interface import may_see
from portal.cases.queries.people import visibility_facts
from portal.identity.models import User
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.ids import parse_id
from portal.sla.clock_rows import clock_from_row
from portal.sla.engine import clocks
from portal.sla.models import CaseSlaState, EscalationRule, PolicyVersion, SlaClock
from portal.sla.queries.case_clocks import calendars_of
from portal.tenants.models import Account, StaffAccount, StaffDepartment, StaffMember
from portal.tenants.queries import actors

# The period of a dry run, and its limit of clocks.
LOOK_BACK = dt.timedelta(days=30)
CLOCK_LIMIT = 5000


def rules(ctx: Context) -> Sequence[EscalationRule]:
    """Every rule with its steps, those in force first, then by name."""
    rows = scope(ctx.actor, EscalationRule).options(selectinload(EscalationRule.steps))
    order = (EscalationRule.active.desc(), EscalationRule.name, EscalationRule.id)
    return ctx.session.scalars(rows.order_by(*order).limit(500)).all()


def rule(ctx: Context, rule_id: Id) -> EscalationRule:
    """One rule with its steps; NotFound otherwise."""
    return load(
        ctx, EscalationRule, EscalationRule.id == rule_id, options=[selectinload(EscalationRule.steps)], fresh=True
    )


@dataclass(frozen=True, slots=True)
class DryRun:
    """The result of a dry run: the number of clocks (`bounded`: there were more), and how many of them reached each
    share of their time."""

    clocks: int
    bounded: bool
    reached: Sequence[tuple[int, int]]


def dry_run(
    ctx: Context,
    *,
    kinds: Sequence[str],
    severities: Sequence[int],
    policy_id: Id | None,
    percents: Sequence[int],
) -> DryRun:
    """How often clocks of the last LOOK_BACK would have reached *percents*. The result has only numbers, so it covers
    the whole provider, also for an administrator who may read no case."""
    where: list[ColumnElement[bool]] = [
        SlaClock.provider_id == ctx.provider_id,
        SlaClock.kind.in_(kinds),
        SlaClock.started_at >= ctx.now - LOOK_BACK,
    ]
    if severities:
        where.append(SlaClock.severity.in_(severities))
    if policy_id is not None:
        versions = select(PolicyVersion.id).where(PolicyVersion.policy_id == policy_id)
        counted = select(CaseSlaState.case_id).where(CaseSlaState.policy_version_id.in_(versions))
        where.append(SlaClock.case_id.in_(counted))
    rows = ctx.session.scalars(
        select(SlaClock).where(*where).order_by(SlaClock.started_at.desc()).limit(CLOCK_LIMIT + 1)
    ).all()
    found = [clock_from_row(row) for row in rows[:CLOCK_LIMIT]]
    calendars = calendars_of(ctx, found)
    shares = [clocks.used_share(clock, calendars.get(clock.terms.calendar), ctx.now) for clock in found]
    reached = [(percent, sum(1 for share in shares if share * 100 >= percent)) for percent in percents]
    return DryRun(len(found), len(rows) > CLOCK_LIMIT, reached)


RECIPIENT_LIMIT = 50


def recipients_of(ctx: Context, case: Case, groups: Iterable[str]) -> list[Id]:
    """The user ids of active staff in *groups* for *case*, each once. Without an owner, the owner's alarm goes to a
    lead. `admitted_recipients` selects those who are notified."""
    found: dict[Id, None] = {}
    for group in groups:
        for user_id in _group_members(ctx, case, group):
            found[user_id] = None
    return list(found)


def admitted_recipients(ctx: Context, case: Case, user_ids: Sequence[Id]) -> list[User]:
    """Those of *user_ids* who are notified of an alarm about *case*: they work here, may see it, and did not mute
    it."""
    muted = select(CaseSubscription.user_id).where(CaseSubscription.case_id == case.id, CaseSubscription.mode == "mute")
    rows = scope(ctx.actor, User).where(User.id.in_(user_ids), User.ended_at.is_(None), User.id.not_in(muted))
    people = {user.id: user for user in ctx.session.scalars(rows)}
    on_desk, place = actors.staff_actors(ctx, people.values()), visibility_facts(ctx, case)
    return [people[i] for i in user_ids if i in people and i in on_desk and may_see(on_desk[i], place)]


def _group_members(ctx: Context, case: Case, group: str) -> Sequence[Id]:
    rows = _account_staff(ctx, case)
    match group:
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
            rows = rows.where(StaffMember.id == parse_id(group))
    return ctx.session.scalars(rows.order_by(StaffMember.id).limit(RECIPIENT_LIMIT)).all()


def _account_staff(ctx: Context, case: Case) -> "Select[Any]":
    looks_after = select(StaffAccount.staff_id).where(StaffAccount.account_id == case.account_id)
    return select(StaffMember.user_id).where(
        StaffMember.provider_id == ctx.provider_id,
        StaffMember.active,
        or_(StaffMember.all_accounts, StaffMember.id.in_(looks_after)),
    )


def lead_of(ctx: Context, case: Case) -> Id | None:
    """The staff id of a lead who looks after the case's account; always the same one."""
    rows = _account_staff(ctx, case).where(StaffMember.role == StaffRole.LEAD.value)
    found: Id | None = ctx.session.scalar(rows.with_only_columns(StaffMember.id).order_by(StaffMember.id).limit(1))
    return found
