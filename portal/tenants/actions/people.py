"""The people of an organization: who belongs, what they may do, and how they leave."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from portal.authz.access import can, require
from portal.authz.permissions import Permission
from portal.authz.roles import ContactRole
from portal.identity import actions as identity
from portal.identity.models import User
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Forbidden, Refused
from portal.kernel.events import record
from portal.tenants.models import Account, Contact, ContactAccess, Environment, Organization


@dataclass(frozen=True, slots=True)
class Grant:
    """A role to be held in an account, or in one environment of it."""

    account_id: Id
    environment_id: Id | None
    role: ContactRole


def add_contact(
    ctx: Context, organization: Organization, person: User, *, grants: Iterable[Grant], title: str = ""
) -> Contact:
    """Give *person* a place in *organization* with *grants*; an earlier place is revived; records `contact.added`."""
    _may_change_people(ctx, organization)
    contact = ctx.session.scalars(
        select(Contact).where(Contact.organization_id == organization.id, Contact.user_id == person.id)
    ).one_or_none()
    if contact is not None and contact.active:
        raise Refused(_("%(name)s already belongs to %(organization)s", name=person.name,
                        organization=organization.name), "email")
    if contact is None:
        contact = Contact(
            provider_id=ctx.provider_id, organization_id=organization.id, user_id=person.id, created_at=ctx.now
        )
        ctx.session.add(contact)
    contact.active, contact.title = True, title
    ctx.session.flush()
    _write_grants(ctx, contact, grants)
    record(ctx, "contact.added", contact, user=str(person.id))
    return contact


def change_access(ctx: Context, contact: Contact, *, grants: Iterable[Grant]) -> None:
    """Replace what *contact* may do; effective with their next request; records `contact.changed`.

    Nobody changes their own rows on the portal side, so an organization keeps an administrator.
    """
    _may_change_people(ctx, contact)
    if ctx.actor.is_contact and contact.user_id == ctx.actor.user_id:
        raise Forbidden(_("You cannot change your own access. Ask another administrator or support."))
    _write_grants(ctx, contact, grants)
    record(ctx, "contact.changed", contact)


def end_contact(ctx: Context, contact: Contact) -> None:
    """End a person's place in an organization, dead at once; records `contact.ended` (cases drop what they were let into)."""
    _may_change_people(ctx, contact)
    if ctx.actor.is_contact and contact.user_id == ctx.actor.user_id:
        raise Forbidden(_("You cannot remove yourself. Ask another administrator or support."))
    contact.active = False
    record(ctx, "contact.ended", contact, user=str(contact.user_id))


def return_contact(ctx: Context, contact: Contact) -> None:
    """Let a former contact in again with the access they had; records `contact.returned`."""
    _may_change_people(ctx, contact)
    contact.active = True
    record(ctx, "contact.returned", contact)


def add_new_person(ctx: Context, account: Account, *, name: str, email: str, environment_id: Id | None) -> Contact:
    """Somebody who is not listed yet, named while a case is opened for them: a requester of that account, no sign-in.

    Needs CASE_OPEN_FOR_OTHERS on the account. A known person of the organization is used as they are; one who
    belongs only elsewhere at this provider is refused without saying so.
    """
    require(ctx.actor, Permission.CASE_OPEN_FOR_OTHERS, account)
    person = identity.add_person(ctx, name=name, email=email)
    known = ctx.session.scalars(
        select(Contact).where(Contact.organization_id == account.organization_id, Contact.user_id == person.id)
    ).one_or_none()
    if known is None:
        known = Contact(
            provider_id=ctx.provider_id, organization_id=account.organization_id, user_id=person.id,
            created_at=ctx.now,
        )
        ctx.session.add(known)
        ctx.session.flush()
        record(ctx, "contact.added", known, user=str(person.id))
    elif not known.active:
        raise Refused(_("%(name)s no longer belongs to this account", name=person.name), "person_email")
    covered = select(ContactAccess.id).where(
        ContactAccess.contact_id == known.id, ContactAccess.account_id == account.id
    )
    if ctx.session.scalar(covered) is None:
        _add_grant(ctx, known, Grant(account.id, None, ContactRole.REQUESTER))
    return known


def _may_change_people(ctx: Context, place: object) -> None:
    if ctx.actor.is_contact:
        require(ctx.actor, Permission.ORGANIZATION_PEOPLE, place)
    else:
        require(ctx.actor, Permission.PROVIDER_CONFIGURE)


def _add_grant(ctx: Context, contact: Contact, grant: Grant) -> None:
    ctx.session.add(
        ContactAccess(
            provider_id=ctx.provider_id, organization_id=contact.organization_id, contact_id=contact.id,
            user_id=contact.user_id, account_id=grant.account_id, environment_id=grant.environment_id,
            role=grant.role.value,
        )
    )
    ctx.session.flush()


def _write_grants(ctx: Context, contact: Contact, grants: Iterable[Grant]) -> None:
    """Make the access rows equal *grants*, each checked against the organization's accounts and the actor's reach."""
    wanted = {(g.account_id, g.environment_id): g for g in grants}
    accounts = {
        a.id: a
        for a in ctx.session.scalars(
            select(Account).where(Account.organization_id == contact.organization_id,
                                  Account.id.in_([a for a, _e in wanted]))
        )
    }
    environments = {
        e.id: e.account_id
        for e in ctx.session.scalars(select(Environment).where(Environment.id.in_([e for _a, e in wanted if e])))
    }
    for (account_id, environment_id), grant in wanted.items():
        account = accounts.get(account_id)
        if account is None or (environment_id and environments.get(environment_id) != account_id):
            raise Refused(_("Choose accounts and environments of this organization"), "access")
        if ctx.actor.is_contact and not can(ctx.actor, Permission.ORGANIZATION_PEOPLE, account):
            raise Forbidden(_("You can give access only to accounts that you administer."))
        if grant.role not in ContactRole:
            raise Refused(_("Choose a role"), "access")
    for row in ctx.session.scalars(select(ContactAccess).where(ContactAccess.contact_id == contact.id)):
        kept = wanted.pop((row.account_id, row.environment_id), None)
        if kept is None:
            ctx.session.delete(row)
        else:
            row.role = kept.role.value
    ctx.session.flush()
    for grant in wanted.values():
        _add_grant(ctx, contact, grant)
