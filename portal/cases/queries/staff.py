"""Staff who answer cases."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, Uuid, bindparam, func, or_, select

from portal.authz.permissions import Permission
from portal.authz.roles import ROLES, StaffRole
from portal.authz.scopes import scope
from portal.cases.models import Case, CaseExclusion
from portal.cases.queries.status_filter import UNRESOLVED_CASE
from portal.identity.models import User
from portal.kernel.actor import Actor, Id
from portal.kernel.config_cache import cached_config, for_side
from portal.kernel.context import Context
from portal.kernel.statement_cache import fetch_rows
from portal.kernel.system_context import as_system
from portal.tenants.models import StaffAccount, StaffMember


def possible_owners(ctx: Context, limit: int = 500) -> list[tuple[str, str]]:
    """(id, name) of active staff who answer cases, by name: the choices of the owner filter."""
    return list(cached_config(ctx, for_side, _read_possible_owners, limit))


def _read_possible_owners(ctx: Context, limit: int) -> Sequence[tuple[str, str]]:
    roles = [role.value for role in StaffRole if Permission.CASE_ANSWER in ROLES[role]]
    rows = ctx.session.execute(
        scope(ctx.actor, StaffMember)
        .join(User, User.id == StaffMember.user_id)
        .where(StaffMember.active, StaffMember.role.in_(roles))
        .order_by(User.name_folded)
        .limit(limit)
        .with_only_columns(StaffMember.id, User.name)
    )
    return tuple((str(staff_id), name) for staff_id, name in rows)


def other_staff(ctx: Context, limit: int = 500) -> list[tuple[Id, str]]:
    """(user id, name) of active staff other than the actor, by name: the choices for an exclusion."""
    rows = ctx.session.execute(
        scope(ctx.actor, StaffMember)
        .join(User, User.id == StaffMember.user_id)
        .where(StaffMember.active, StaffMember.user_id != ctx.actor.user_id)
        .order_by(User.name_folded)
        .limit(limit)
        .with_only_columns(User.id, User.name)
    )
    return [(user_id, name) for user_id, name in rows]


def count_owned(ctx: Context, staff_id: Id) -> int:
    """The number of unresolved cases that a staff member owns, also those that the actor may not read, but none that
    excludes the actor."""
    with as_system(ctx) as inner:
        excluded = scope(inner.actor, CaseExclusion).where(CaseExclusion.user_id == ctx.actor.user_id)
        rows = scope(inner.actor, Case).where(Case.owner_id == staff_id, UNRESOLVED_CASE)
        rows = rows.where(Case.id.not_in(excluded.with_only_columns(CaseExclusion.case_id)))
        return inner.session.scalar(rows.with_only_columns(func.count())) or 0


def assignable_staff(ctx: Context, case: Case) -> Sequence[Id]:
    """The ids of active staff who answer cases, look after the account and are not excluded from the case."""
    found = fetch_rows(ctx, _assignable_staff, account_id=case.account_id, case_id=case.id)
    return [row[0] for row in found]


def _assignable_staff(actor: Actor) -> "Select[Any]":
    roles = [role.value for role in StaffRole if Permission.CASE_ANSWER in ROLES[role]]
    looks_after = select(StaffAccount.staff_id).where(StaffAccount.account_id == bindparam("account_id", None, Uuid()))
    excluded = select(CaseExclusion.user_id).where(CaseExclusion.case_id == bindparam("case_id", None, Uuid()))
    return select(StaffMember.id).where(
        StaffMember.provider_id == actor.provider_id,
        StaffMember.active,
        StaffMember.role.in_(roles),
        or_(StaffMember.all_accounts, StaffMember.id.in_(looks_after)),
        StaffMember.user_id.not_in(excluded),
    )
