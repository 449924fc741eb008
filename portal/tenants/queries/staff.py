"""Reads of the provider's staff."""

import uuid

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from portal.authz.scopes import load, scope
from portal.identity.models import Address, User
from portal.kernel import text
from portal.kernel.context import Context
from portal.kernel.paging import Page, fetch_page_of
from portal.tenants.models import StaffDepartment, StaffMember
from portal.tenants.queries.name_search import fold_column

SIZE = 50
# The most people a choice of staff offers.
CHOICE_LIMIT = 500


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
    for word in text.folded_words(q[:200]):
        address = exists().where(Address.user_id == User.id, Address.email_folded.contains(word, autoescape=True))
        statement = statement.where(or_(User.name_folded.contains(word, autoescape=True), address))
    return fetch_page_of(ctx.session, statement.order_by(User.name_folded, StaffMember.id), number, SIZE)


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


def account_manager_choices(ctx: Context, current: uuid.UUID | None) -> list[tuple[uuid.UUID, str, bool]]:
    """(id, name, whether they still work here) of those who can manage an account, by name; *current* stays one."""
    rows = (
        scope(ctx.actor, StaffMember)
        .join(User, User.id == StaffMember.user_id)
        .where(or_(StaffMember.active, StaffMember.id == current))
        .order_by(fold_column(User.name), StaffMember.id)
        .limit(CHOICE_LIMIT)
    )
    found = ctx.session.execute(rows.with_only_columns(StaffMember.id, User.name, StaffMember.active))
    return [(row[0], row[1], row[2]) for row in found]


def staff_row(ctx: Context, user_id: uuid.UUID) -> StaffMember | None:
    """The person's active place at the provider, if there is one."""
    return ctx.session.scalars(
        select(StaffMember).where(
            StaffMember.provider_id == ctx.provider_id, StaffMember.user_id == user_id, StaffMember.active
        )
    ).one_or_none()
