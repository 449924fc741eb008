"""Which tenants, people and configuration an actor may see."""

from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_, select, true

from portal.authz import scopes
from portal.kernel.actor import Actor
from portal.tenants.models import (
    Account,
    AccountAlias,
    AccountCounter,
    AccountService,
    Contact,
    ContactAccess,
    Department,
    Environment,
    ImportDraft,
    Organization,
    Provider,
    Service,
    StaffAccount,
    StaffDepartment,
    StaffMember,
)


def reaches_account(actor: Actor, column: Any) -> ColumnElement[bool]:
    """Whether the account in *column* is one that the actor works for, or has access to."""
    if actor.is_system or (actor.is_staff and actor.all_accounts):
        return true()
    if actor.is_staff:
        return column.in_(actor.account_ids) if actor.account_ids else false()
    accounts = {row.account_id for row in actor.access}
    return column.in_(accounts) if accounts else false()


def visible_accounts(actor: Actor) -> "Select[Any]":
    """Accounts inside the actor's assignments or access rows."""
    return select(Account).where(Account.provider_id == actor.provider_id, reaches_account(actor, Account.id))


def visible_organizations(actor: Actor) -> "Select[Any]":
    """Staff: clients with an account they look after (configuring roles: all). Contacts: where they belong."""
    rows = select(Organization).where(Organization.provider_id == actor.provider_id)
    if actor.is_contact:
        return rows.where(Organization.id.in_(set(actor.memberships)))
    if actor.is_staff and not actor.all_accounts:
        return rows.where(Organization.id.in_(select(Account.organization_id).where(Account.id.in_(actor.account_ids))))
    return rows if actor.is_staff or actor.is_system else scopes.select_nothing(rows)


def visible_environments(actor: Actor) -> "Select[Any]":
    """Environments of visible accounts; an access row for one environment admits that one."""
    rows = select(Environment).where(Environment.provider_id == actor.provider_id)
    if not actor.is_contact:
        return rows.where(reaches_account(actor, Environment.account_id))
    whole = {row.account_id for row in actor.access if row.environment_id is None}
    single = {row.environment_id for row in actor.access if row.environment_id is not None}
    return rows.where(or_(Environment.account_id.in_(whole), Environment.id.in_(single)))


def visible_contacts(actor: Actor) -> "Select[Any]":
    """Staff: people of their clients. Contacts: oneself, and colleagues with access to a common account.

    An organization administrator sees everybody of the organization.
    """
    rows = select(Contact).where(Contact.provider_id == actor.provider_id)
    if actor.is_system or (actor.is_staff and actor.all_accounts):
        return rows
    if actor.is_staff:
        return rows.where(
            Contact.organization_id.in_(select(Account.organization_id).where(Account.id.in_(actor.account_ids)))
        )
    administered = {row.organization_id for row in actor.access if row.role == "organization_admin"}
    accounts = {row.account_id for row in actor.access}
    colleagues = select(ContactAccess.contact_id).where(ContactAccess.account_id.in_(accounts))
    return rows.where(
        Contact.organization_id.in_(set(actor.memberships)),
        or_(Contact.user_id == actor.user_id, Contact.organization_id.in_(administered), Contact.id.in_(colleagues)),
    )


def visible_access(actor: Actor) -> "Select[Any]":
    """Access rows of visible contacts."""
    visible = visible_contacts(actor).with_only_columns(Contact.id)
    return select(ContactAccess).where(
        ContactAccess.provider_id == actor.provider_id, ContactAccess.contact_id.in_(visible)
    )


def of_provider(model: Any, *, staff_only: bool = False) -> Any:
    """A scope for rows that everybody at the provider may see, or with *staff_only* every staff member."""

    def visible(actor: Actor) -> "Select[Any]":
        rows = select(model).where(model.provider_id == actor.provider_id)
        admitted = actor.is_staff or actor.is_system or not staff_only
        return rows if admitted else scopes.select_nothing(rows)

    return visible


def of_account(model: Any) -> Any:
    """A scope for rows of visible accounts."""
    return lambda actor: select(model).where(
        model.provider_id == actor.provider_id, reaches_account(actor, model.account_id)
    )


def own_provider(actor: Actor) -> "Select[Any]":
    return select(Provider).where(Provider.id == actor.provider_id)


def own_import_drafts(actor: Actor) -> "Select[Any]":
    """One's own only: a file of people is its uploader's until it is imported."""
    return select(ImportDraft).where(ImportDraft.provider_id == actor.provider_id, ImportDraft.user_id == actor.user_id)


scopes.register_scope(ImportDraft, own_import_drafts)
scopes.register_scope(Provider, own_provider)
scopes.register_scope(Account, visible_accounts)
scopes.register_scope(Organization, visible_organizations)
scopes.register_scope(Environment, visible_environments)
scopes.register_scope(Contact, visible_contacts)
scopes.register_scope(ContactAccess, visible_access)
scopes.register_scope(Department, of_provider(Department))
scopes.register_scope(Service, of_provider(Service))
scopes.register_scope(StaffMember, of_provider(StaffMember, staff_only=True))
scopes.register_scope(StaffDepartment, of_provider(StaffDepartment, staff_only=True))
scopes.register_scope(StaffAccount, of_provider(StaffAccount, staff_only=True))
scopes.register_scope(AccountAlias, of_account(AccountAlias))
scopes.register_scope(AccountCounter, of_account(AccountCounter))
scopes.register_scope(AccountService, of_account(AccountService))
