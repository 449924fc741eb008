"""Under which name the actor sees the people of a case, and who of them is outside the client's organization.

Whoever puts an address in copy must not learn from it whose address it is, or that somebody else knows it: a person
whom the actor may not see is shown by the address, whether they are known here or not.
"""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Uuid, and_, bindparam, inspect, or_, select, true
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value

from portal.authz.scopes import scope
from portal.cases.models import Case, CaseExclusion, CaseGrant
from portal.cases.rules import counts_for
from portal.identity.models import Address, User, initials_of
from portal.kernel.actor import Actor, Id
from portal.kernel.context import Context
from portal.kernel.statement_cache import cached_select
from portal.tenants.models import Contact, Environment, Organization, StaffMember

GRANT_LIMIT = 500


@dataclass(frozen=True, slots=True)
class ShownPerson:
    """A person as the actor may see them: *name* is the address of somebody whom they may not see by name. *outside*:
    no active member of the organization that was asked about."""

    name: str
    outside: bool


@dataclass(frozen=True, slots=True)
class ShownGrant:
    """A person or organization that was let into a case, as the actor may see them."""

    id: uuid.UUID
    kind: str
    user_id: uuid.UUID | None
    to_organization_id: uuid.UUID | None
    name: str
    outside: bool
    # Of affected people: where it hits them, how, and whether they accepted the solution of this moment.
    environment: str = ""
    impact: str = ""
    accepted: bool = False

    @property
    def initials(self) -> str:
        """Up to two letters for the avatar."""
        return initials_of(self.name) if self.user_id else self.name[:2].upper()


@dataclass(frozen=True, slots=True)
class ShownExclusion:
    """A person who must not see a case, as the actor may see them."""

    user_id: uuid.UUID
    name: str


def sees_name(actor: Actor, user_id: Any) -> ColumnElement[bool]:
    """Whether *actor* sees the person *user_id* (a column) by name: themself, contacts in their scope; staff also
    staff."""
    if actor.is_system or (actor.is_staff and actor.all_accounts):
        return true()
    rules = [user_id == actor.user_id, _row_of(actor, Contact, user_id)]
    return or_(*rules, _row_of(actor, StaffMember, user_id)) if actor.is_staff else or_(*rules)


def _row_of(actor: Actor, model: Any, user_id: Any) -> ColumnElement[bool]:
    return scope(actor, model).where(model.user_id == user_id).with_only_columns(model.id).exists()


def shown_address(user_id: Any) -> Any:
    """The address of a person, spelled as every other spelling of it: that of whom put them in copy tells nothing."""
    rows = select(Address.email_folded).where(Address.user_id == user_id)
    return rows.order_by(Address.id).limit(1).scalar_subquery()


def is_inside(user_id: Any, organization_id: Any) -> ColumnElement[bool]:
    """Whether the person *user_id* (a column) is an active member of the organization."""
    member = and_(Contact.user_id == user_id, Contact.organization_id == organization_id, Contact.active)
    return select(Contact.id).where(member).exists()


def knows_members(actor: Actor, organization_id: Id) -> bool:
    """Whether *actor* can tell who is of the organization and who is not: staff, and its own people."""
    return not actor.is_contact or organization_id in actor.memberships


def shown_people(ctx: Context, organization_id: Id, user_ids: Iterable[Id]) -> dict[Id, ShownPerson]:
    """The people *user_ids* as the actor may see them, seen from an organization. One statement; none for nobody."""
    wanted = list(user_ids)
    if not wanted:
        return {}
    rows = select(User.id, User.name, shown_address(User.id), sees_name(ctx.actor, User.id))
    rows = rows.add_columns(is_inside(User.id, organization_id))
    found = ctx.session.execute(rows.where(User.provider_id == ctx.provider_id, User.id.in_(wanted)))
    marks = knows_members(ctx.actor, organization_id)
    return {
        user_id: ShownPerson(name if seen or not address else address, outside=marks and not inside)
        for user_id, name, address, seen, inside in found
    }


def outside_addresses(ctx: Context, organization_id: Id, emails: Collection[str]) -> list[str]:
    """Those of *emails* that are of no active member of the organization, in their order."""
    folded = [email.casefold() for email in emails]
    if not folded:
        return []
    rows = select(Address.email_folded).where(
        Address.provider_id == ctx.provider_id,
        Address.email_folded.in_(folded),
        is_inside(Address.user_id, organization_id),
    )
    members = set(ctx.session.scalars(rows))
    return [email for email in emails if email.casefold() not in members]


def copied_organization(ctx: Context, organization_id: Id) -> Organization:
    """The organization of a case into which somebody puts an address."""
    return ctx.session.get_one(Organization, organization_id)


def shown_grants(ctx: Context, case: Case) -> list[ShownGrant]:
    """The grants of *case* that the actor may see. The rows are set on `case.grants` too."""
    found = ctx.session.execute(cached_select(ctx, _grants), {"case_id": case.id}).all()
    if len(found) < GRANT_LIMIT and "grants" in inspect(case).unloaded:
        set_committed_value(case, "grants", [row[0] for row in found])
    marks = knows_members(ctx.actor, case.organization_id)
    return [
        ShownGrant(
            grant.id,
            grant.kind,
            grant.user_id,
            grant.to_organization_id,
            (grant.user.name if seen or not address else address) if grant.user else grant.to_organization.name,
            outside=grant.user is not None and marks and not inside,
            environment=environment or "",
            impact=grant.impact,
            accepted=counts_for(grant.accepted_at, case.resolved_at),
        )
        for grant, address, seen, inside, environment in found
        if grant.user or grant.to_organization
    ]


def _grants(actor: Actor) -> "Select[Any]":
    rows = scope(actor, CaseGrant).where(CaseGrant.case_id == bindparam("case_id", type_=Uuid()))
    rows = rows.add_columns(shown_address(CaseGrant.user_id), sees_name(actor, CaseGrant.user_id))
    rows = rows.add_columns(is_inside(CaseGrant.user_id, CaseGrant.organization_id), Environment.name)
    rows = rows.outerjoin(Environment, Environment.id == CaseGrant.environment_id)
    rows = rows.options(joinedload(CaseGrant.user), joinedload(CaseGrant.to_organization))
    return rows.order_by(CaseGrant.id).limit(GRANT_LIMIT)


def shown_exclusions(ctx: Context, case: Case) -> list[ShownExclusion]:
    """The people whom *case* excludes."""
    rows: Select[Any] = scope(ctx.actor, CaseExclusion).join(User, User.id == CaseExclusion.user_id)
    rows = rows.where(CaseExclusion.case_id == case.id).order_by(CaseExclusion.id).limit(200)
    rows = rows.with_only_columns(User.id, User.name, shown_address(User.id), sees_name(ctx.actor, User.id))
    return [
        ShownExclusion(user_id, name if seen or not address else address)
        for user_id, name, address, seen in ctx.session.execute(rows)
    ]
