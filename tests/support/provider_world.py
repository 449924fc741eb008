"""The people and rows of the test data as plain values, attached to no session."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from portal.cases.models import RequestType, SeverityLevel
from portal.demo.specs import ProviderSpec
from portal.identity.models import Address, User
from portal.kernel.actor import Side
from portal.kernel.database import Tenancy, bind, db
from portal.tenants.models import (
    Account,
    Contact,
    Department,
    Environment,
    Host,
    Organization,
    Provider,
    Service,
    StaffMember,
)


@dataclass(frozen=True, slots=True)
class WorldPerson:
    """A person of the world. `id` is the user's; `side` where they usually stand."""

    key: str
    id: uuid.UUID
    name: str
    email: str
    host: str
    side: Side
    staff_id: uuid.UUID | None = None
    contact_id: uuid.UUID | None = None
    organization: str = ""


@dataclass(frozen=True, slots=True)
class WorldRow:
    """A configured row: account, organization, environment, department, service, request type."""

    key: str
    id: uuid.UUID
    name: str
    organization_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class ProviderWorld:
    """One provider with everything in it, by key. Environments by (account key, name)."""

    id: uuid.UUID
    name: str
    host: str
    people: Mapping[str, WorldPerson]
    organizations: Mapping[str, WorldRow]
    accounts: Mapping[str, WorldRow]
    environments: Mapping[tuple[str, str], WorldRow]
    departments: Mapping[str, WorldRow]
    services: Mapping[str, WorldRow]
    types: Mapping[str, WorldRow]
    levels: Mapping[int, WorldRow]


def read_provider_world(plan: ProviderSpec) -> ProviderWorld:
    """Read the rows of *plan* from the template database."""
    session = db.session
    provider_id = session.scalars(select(Host.provider_id).where(Host.host == plan.hosts[0])).one()
    bind(session, Tenancy(provider_id, side=Side.SYSTEM))
    provider = session.scalars(select(Provider)).one()
    users = {a.email: u for u, a in session.execute(select(User, Address).join(Address, Address.user_id == User.id))}
    staff = {s.user_id: s.id for s in session.scalars(select(StaffMember))}
    contacts = {c.user_id: c.id for c in session.scalars(select(Contact))}
    people: dict[str, WorldPerson] = {}
    for member in plan.staff:
        user = users[member.email]
        people[member.key] = WorldPerson(
            member.key, user.id, user.name, member.email, plan.hosts[0], Side.STAFF, staff_id=staff[user.id]
        )
    for contact in plan.contacts:
        user = users[contact.email]
        people[contact.key] = WorldPerson(
            contact.key,
            user.id,
            user.name,
            contact.email,
            plan.hosts[0],
            Side.CONTACT,
            contact_id=contacts[user.id],
            organization=contact.organization,
        )
    accounts = {a.id: a for a in session.scalars(select(Account))}
    provider_world = ProviderWorld(
        provider.id,
        provider.name,
        plan.hosts[0],
        people,
        organizations={o.name: WorldRow(o.slug, o.id, o.name, o.id) for o in session.scalars(select(Organization))},
        accounts={a.key: WorldRow(a.key, a.id, a.name, a.organization_id) for a in accounts.values()},
        environments={
            (accounts[e.account_id].key, e.name): WorldRow(e.kind, e.id, e.name, e.organization_id)
            for e in session.scalars(select(Environment))
        },
        departments={d.key: WorldRow(d.key, d.id, d.name) for d in session.scalars(select(Department))},
        services={s.key: WorldRow(s.key, s.id, s.name) for s in session.scalars(select(Service))},
        types={t.key: WorldRow(t.key, t.id, t.name) for t in session.scalars(select(RequestType))},
        levels={r.rank: WorldRow(r.key, r.id, r.name) for r in session.scalars(select(SeverityLevel))},
    )
    session.remove()
    return provider_world
