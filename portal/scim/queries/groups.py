"""The groups of an organization, who is in them, and the roles that they give. The callers act as the system, but for
the pages of the administration."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, func, or_
from sqlalchemy.orm import joinedload

from portal.authz.roles import ContactRole
from portal.authz.scopes import load, scope
from portal.identity.models import User
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.scim.engine.facts import GroupFacts, MemberFacts
from portal.scim.models import ScimClient, ScimGroup, ScimGroupMember, ScimGroupRole, ScimPerson
from portal.tenants.models import Contact, ContactAccess, Organization

_GIVES = and_(
    ScimGroupRole.organization_id == ScimGroup.organization_id,
    or_(
        ScimGroupRole.group_folded == ScimGroup.name_folded,
        and_(ScimGroup.external_id != "", ScimGroupRole.group == ScimGroup.external_id),
    ),
)


@dataclass(slots=True)
class GivenRoles:
    """What the groups of a person give: the highest role in each account, and the names of the groups."""

    roles: dict[Id, ContactRole] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)

    def add(self, account_id: Id, role: ContactRole, group: str) -> None:
        """Let *group* give *role* in the account."""
        order = list(ContactRole)
        self.roles[account_id] = max(role, self.roles.get(account_id, role), key=order.index)
        self.groups.add(group)


def groups_page(
    ctx: Context, organization_id: Id, *, where: Sequence[Any] = (), offset: int = 0, limit: int | None = None
) -> list[GroupFacts]:
    """Groups of the organization without their members, the oldest first."""
    rows = _groups(ctx, organization_id).where(*where).order_by(ScimGroup.id).offset(offset).limit(limit)
    return [group_facts(row) for row in ctx.session.scalars(rows)]


def group_facts(row: ScimGroup) -> GroupFacts:
    """*row* without its members."""
    return GroupFacts(row.id, row.name, row.external_id, row.created_at, row.changed_at)


def count_groups(ctx: Context, organization_id: Id) -> int:
    """How many groups the identity provider sent."""
    return ctx.session.scalar(_groups(ctx, organization_id).with_only_columns(func.count())) or 0


def group(ctx: Context, client: ScimClient, group_id: Id | None) -> ScimGroup:
    """One group; NotFound for another organization's, too."""
    return load(ctx, ScimGroup, ScimGroup.id == group_id, ScimGroup.organization_id == client.organization_id)


def find_group(ctx: Context, organization_id: Id, name: str) -> ScimGroup | None:
    """The group that is called *name*, in capital or small letters."""
    return ctx.session.scalars(_groups(ctx, organization_id).where(has_name(name))).one_or_none()


def has_id(group_id: Id | None) -> Any:
    """The condition that a group is *group_id*."""
    return ScimGroup.id == group_id


def has_name(name: str) -> Any:
    """The condition that a group is called *name*."""
    return ScimGroup.name_folded == name.casefold()


def has_group_external_id(external_id: str) -> Any:
    """The condition that the identity provider calls a group *external_id*."""
    return ScimGroup.external_id == external_id


def members(ctx: Context, group_ids: Collection[Id]) -> dict[Id, list[MemberFacts]]:
    """The people in each of the groups."""
    rows = (
        scope(ctx.actor, ScimGroupMember)
        .join(User, User.id == ScimGroupMember.user_id)
        .where(ScimGroupMember.group_id.in_(group_ids))
        .order_by(ScimGroupMember.contact_id)
        .with_only_columns(ScimGroupMember.group_id, ScimGroupMember.contact_id, User.name)
    )
    found: dict[Id, list[MemberFacts]] = {}
    for row in ctx.session.execute(rows):
        found.setdefault(row.group_id, []).append(MemberFacts(row.contact_id, row.name))
    return found


def member_ids(ctx: Context, group_id: Id) -> set[Id]:
    """The contacts in a group."""
    rows = scope(ctx.actor, ScimGroupMember).where(ScimGroupMember.group_id == group_id)
    return set(ctx.session.scalars(rows.with_only_columns(ScimGroupMember.contact_id)))


@dataclass(frozen=True, slots=True)
class ListedGroup:
    """A group on the page of the organization: its name, how many people are in it, and whether it gives a role."""

    name: str
    external_id: str
    people: int
    gives_role: bool


def listed_groups(ctx: Context, organization: Organization) -> list[ListedGroup]:
    """The groups that the identity provider sent, by name."""
    counts = member_counts(ctx, organization.id)
    given = {row.group_folded: row.group for row in group_roles(ctx, organization)}
    return [
        ListedGroup(
            row.name,
            row.external_id,
            counts.get(row.id, 0),
            row.name.casefold() in given or bool(row.external_id and row.external_id in given.values()),
        )
        for row in sorted(groups_page(ctx, organization.id), key=lambda one: one.name.casefold())
    ]


def member_counts(ctx: Context, organization_id: Id) -> dict[Id, int]:
    """How many people are in each group; a group of nobody is missing."""
    rows = scope(ctx.actor, ScimGroupMember).where(ScimGroupMember.organization_id == organization_id)
    counted = rows.with_only_columns(ScimGroupMember.group_id, func.count().label("number")).group_by(
        ScimGroupMember.group_id
    )
    return {row.group_id: row.number for row in ctx.session.execute(counted)}


def find_people(ctx: Context, client: ScimClient, contact_ids: Collection[Id]) -> dict[Id, uuid.UUID]:
    """Of *contact_ids* those whom the identity provider sees, with their users."""
    rows = (
        scope(ctx.actor, Contact)
        .outerjoin(ScimPerson, ScimPerson.contact_id == Contact.id)
        .where(Contact.organization_id == client.organization_id, Contact.id.in_(contact_ids))
        .where(ScimPerson.removed_at.is_(None))
        .with_only_columns(Contact.id, Contact.user_id)
    )
    return {row.id: row.user_id for row in ctx.session.execute(rows)}


def group_roles(ctx: Context, organization: Organization) -> Sequence[ScimGroupRole]:
    """The roles that groups of *organization* give, with their accounts, by the name of the group."""
    rows = scope(ctx.actor, ScimGroupRole).where(ScimGroupRole.organization_id == organization.id)
    rows = rows.order_by(ScimGroupRole.group_folded, ScimGroupRole.id).options(joinedload(ScimGroupRole.account))
    return ctx.session.scalars(rows).all()


def group_role(ctx: Context, organization: Organization, role_id: Id) -> ScimGroupRole:
    """One of them, with its account."""
    return load(
        ctx,
        ScimGroupRole,
        ScimGroupRole.id == role_id,
        ScimGroupRole.organization_id == organization.id,
        options=[joinedload(ScimGroupRole.account)],
    )


def find_group_role(ctx: Context, organization: Organization, name: str, account_id: Id) -> ScimGroupRole | None:
    """The role that the group *name* gives in the account."""
    rows = scope(ctx.actor, ScimGroupRole).where(
        ScimGroupRole.organization_id == organization.id,
        ScimGroupRole.group_folded == name.casefold(),
        ScimGroupRole.account_id == account_id,
    )
    return ctx.session.scalars(rows).one_or_none()


def people_given_by(ctx: Context, row: ScimGroupRole) -> set[Id]:
    """The contacts in the groups that *row* is about."""
    rows = (
        scope(ctx.actor, ScimGroupMember)
        .join(ScimGroup, ScimGroup.id == ScimGroupMember.group_id)
        .join(ScimGroupRole, _GIVES)
        .where(ScimGroupRole.id == row.id)
        .with_only_columns(ScimGroupMember.contact_id)
    )
    return set(ctx.session.scalars(rows))


def people_in_groups(ctx: Context, organization_id: Id) -> set[Id]:
    """The contacts in any group of the organization."""
    rows = scope(ctx.actor, ScimGroupMember).where(ScimGroupMember.organization_id == organization_id)
    return set(ctx.session.scalars(rows.with_only_columns(ScimGroupMember.contact_id)))


def given_roles(ctx: Context, contact_ids: Collection[Id]) -> dict[Id, GivenRoles]:
    """What the groups of each of the contacts give; nobody who is in no group that gives a role."""
    rows = (
        scope(ctx.actor, ScimGroupMember)
        .join(ScimGroup, ScimGroup.id == ScimGroupMember.group_id)
        .join(ScimGroupRole, _GIVES)
        .where(ScimGroupMember.contact_id.in_(contact_ids))
        .with_only_columns(ScimGroupMember.contact_id, ScimGroupRole.account_id, ScimGroupRole.role, ScimGroup.name)
    )
    found: dict[Id, GivenRoles] = {}
    for row in ctx.session.execute(rows):
        found.setdefault(row.contact_id, GivenRoles()).add(row.account_id, ContactRole(row.role), row.name)
    return found


def access_rows(ctx: Context, contact_ids: Collection[Id]) -> dict[Id, list[Any]]:
    """The access rows of each of the contacts: account, role and source."""
    rows = (
        scope(ctx.actor, ContactAccess)
        .where(ContactAccess.contact_id.in_(contact_ids))
        .with_only_columns(ContactAccess.contact_id, ContactAccess.account_id, ContactAccess.role, ContactAccess.source)
    )
    found: dict[Id, list[Any]] = {}
    for row in ctx.session.execute(rows.order_by(ContactAccess.id)):
        found.setdefault(row.contact_id, []).append(row)
    return found


def _groups(ctx: Context, organization_id: Id) -> Any:
    return scope(ctx.actor, ScimGroup).where(ScimGroup.organization_id == organization_id)
