"""What there is before a file of people is taken: the client side of the provider, and the people of the rows."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from portal.authz.scopes import scope
from portal.identity.models import Address, User
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.tenants.models import Account, AccountAlias, Contact, ContactAccess, Environment, Organization, StaffMember
from portal.tenants.queries.import_plan.objects import (
    ImportPlan,
    ImportRow,
    Place,
    PlannedAccount,
    PlannedContact,
    PlannedEnvironment,
    PlannedOrganization,
    PlannedPerson,
)


def load_plan(ctx: Context, rows: Sequence[ImportRow]) -> ImportPlan:
    """A plan without fates that holds what there is: the client side of the provider, and the people of *rows*."""
    homes: dict[Id, str] = {}
    organizations: dict[str, PlannedOrganization] = {}
    for organization in ctx.session.scalars(scope(ctx.actor, Organization)):
        homes[organization.id] = organization.name.casefold()
        organizations[homes[organization.id]] = PlannedOrganization(
            organization.name, organization.id, organization.active
        )
    accounts: dict[str, PlannedAccount] = {}
    keys: dict[Id, str] = {}
    for row in ctx.session.scalars(scope(ctx.actor, Account).order_by(Account.key)):
        keys[row.id] = row.key
        accounts[row.key] = PlannedAccount(row.key, row.name, homes[row.organization_id], row.id)
        organizations[homes[row.organization_id]].keys.append(row.key)
    environments: dict[Id, str] = {}
    for place in ctx.session.scalars(scope(ctx.actor, Environment)):
        environments[place.id] = place.name.casefold()
        planned = PlannedEnvironment(place.name, place.kind, place.id, place.active)
        accounts[keys[place.account_id]].environments[place.name.casefold()] = planned
    plan = ImportPlan([], organizations, accounts, {}, {})
    plan.aliases = frozenset(ctx.session.scalars(scope(ctx.actor, AccountAlias).with_only_columns(AccountAlias.key)))
    emails = {row.email.casefold() for row in rows if row.email}
    known: Any = select(User, Address.email_folded, Address.email, Address.claimed).join(
        Address, Address.user_id == User.id
    )
    known = known.where(User.provider_id == ctx.provider_id, Address.email_folded.in_(emails))
    # Somebody with two addresses is one person under both. A claimed address is its holder's, but where only the
    # claimant belongs to an organization, the claimant is meant there (`actions.claims`).
    staff_rows = scope(ctx.actor, StaffMember).where(StaffMember.active)
    staff = set(ctx.session.scalars(staff_rows.with_only_columns(StaffMember.user_id)))
    by_id: dict[Id, PlannedPerson] = {}
    addresses: dict[Id, list[str]] = {}
    for user, folded, email, claimed in ctx.session.execute(known.order_by(Address.claimed)):
        values = {"name": user.name, "phone": user.phone, "language": user.locale, "zone": user.zone}
        person = PlannedPerson(email, values, user.id, user.ended_at is not None, user.id in staff)
        person = by_id.setdefault(user.id, person)
        if not claimed:
            plan.people[folded] = person
        addresses.setdefault(user.id, []).append(folded)
    contacts = scope(ctx.actor, Contact).where(Contact.user_id.in_(by_id)).options(selectinload(Contact.access))
    for contact in ctx.session.scalars(contacts):
        home = homes[contact.organization_id]
        grants = {_place(row, keys, environments): row.role for row in contact.access}
        planned_contact = PlannedContact(
            home, by_id[contact.user_id], contact.title, grants, contact.id, contact.active
        )
        for folded in addresses[contact.user_id]:
            known_contact = plan.contacts.get((home, folded))
            if known_contact is None or plan.people.get(folded) is planned_contact.person:
                plan.contacts[home, folded] = planned_contact
    return plan


def _place(row: ContactAccess, keys: dict[Id, str], environments: dict[Id, str]) -> Place:
    return keys[row.account_id], environments[row.environment_id] if row.environment_id else ""
