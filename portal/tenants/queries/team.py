"""The provider's own people and its departments and services, as administrators list them."""

import uuid
from collections.abc import Sequence

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from portal.authz.scopes import load, scope
from portal.identity.models import Address, User
from portal.kernel import text
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.paging import Page, paged
from portal.tenants.models import AccountService, Department, Host, Provider, Service, StaffDepartment, StaffMember
from portal.tenants.queries.finding import folded

SIZE = 50


def staff_page(ctx: Context, *, q: str = "", role: str = "", active: bool = True, number: int = 1) -> Page[StaffMember]:
    """Staff by name, with user, accounts and departments."""
    statement = (
        scope(ctx.actor, StaffMember)
        .join(User, User.id == StaffMember.user_id)
        .where(StaffMember.active.is_(active))
        .options(
            contains_eager(StaffMember.user),
            selectinload(StaffMember.accounts),
            selectinload(StaffMember.departments).joinedload(StaffDepartment.department, innerjoin=True),
        )
    )
    if role:
        statement = statement.where(StaffMember.role == role)
    for word in text.words(q[:200]):
        address = exists().where(Address.user_id == User.id, Address.email_folded.contains(word, autoescape=True))
        statement = statement.where(or_(User.name_folded.contains(word, autoescape=True), address))
    return paged(ctx.session, statement.order_by(User.name_folded, StaffMember.id), number, SIZE)


def staff_member(ctx: Context, staff_id: uuid.UUID, *, lock: bool = False) -> StaffMember:
    """One staff member with user, accounts and departments; NotFound otherwise."""
    if lock:
        load(ctx, StaffMember, StaffMember.id == staff_id, lock=True)
    return load(
        ctx,
        StaffMember,
        StaffMember.id == staff_id,
        options=[
            joinedload(StaffMember.user, innerjoin=True),
            selectinload(StaffMember.accounts),
            selectinload(StaffMember.departments).joinedload(StaffDepartment.department, innerjoin=True),
        ],
    )


def all_departments(ctx: Context) -> Sequence[Department]:
    """Departments, archived ones last."""
    statement = scope(ctx.actor, Department).order_by(Department.active.desc(), folded(Department.name))
    return ctx.session.scalars(statement.limit(500)).all()


def members_of_departments(ctx: Context) -> dict[Id, int]:
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


def service(ctx: Context, service_id: uuid.UUID, *, lock: bool = False) -> Service:
    return load(ctx, Service, Service.id == service_id, lock=lock)


def accounts_with_service(ctx: Context) -> dict[Id, int]:
    """How many visible accounts bought each service."""
    rows = (
        scope(ctx.actor, AccountService)
        .with_only_columns(AccountService.service_id, func.count())
        .group_by(AccountService.service_id)
    )
    return {row[0]: row[1] for row in ctx.session.execute(rows)}


def hosts(ctx: Context) -> Sequence[Host]:
    """The names under which this provider is reached, the one for mails first."""
    statement = select(Host).where(Host.provider_id == ctx.provider_id).order_by(Host.is_primary.desc(), Host.host)
    return ctx.session.scalars(statement.limit(100)).all()


def own_provider(ctx: Context, *, lock: bool = False) -> Provider:
    """The provider's own row."""
    return load(ctx, Provider, Provider.id == ctx.provider_id, lock=lock)
