"""Reads of departments."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func

from portal.authz.scopes import load, scope
from portal.kernel.actor import Id
from portal.kernel.config_cache import cached_config, for_everybody
from portal.kernel.context import Context
from portal.tenants.models import Department, StaffDepartment, StaffMember
from portal.tenants.queries.name_search import fold_column


def active_departments(ctx: Context) -> Sequence[Any]:
    """Active departments, by name: rows of their columns."""
    return cached_config(ctx, for_everybody, _read_active_departments)


def _read_active_departments(ctx: Context) -> Sequence[Any]:
    rows = scope(ctx.actor, Department).where(Department.active)
    rows = rows.order_by(fold_column(Department.name), Department.id).limit(200)
    return ctx.session.execute(rows.with_only_columns(*Department.__table__.columns)).all()


def all_departments(ctx: Context) -> Sequence[Department]:
    """Departments, archived ones last."""
    statement = scope(ctx.actor, Department).order_by(Department.active.desc(), fold_column(Department.name))
    return ctx.session.scalars(statement.limit(500)).all()


def department_members(ctx: Context) -> dict[Id, int]:
    """How many active staff work in each department."""
    rows = (
        scope(ctx.actor, StaffDepartment)
        .join(StaffMember, StaffMember.id == StaffDepartment.staff_id)
        .where(StaffMember.active)
        .with_only_columns(StaffDepartment.department_id, func.count())
        .group_by(StaffDepartment.department_id)
    )
    return {row[0]: row[1] for row in ctx.session.execute(rows)}


def department(ctx: Context, department_id: uuid.UUID, *, lock: bool = False) -> Department:
    return load(ctx, Department, Department.id == department_id, lock=lock)
