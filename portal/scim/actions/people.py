"""What identity providers do to the people of their organization."""

from portal.identity import actions as identity
from portal.identity.models import User
from portal.identity.queries import primary_email, user_by_email
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record
from portal.kernel.ids import parse_id
from portal.scim.actions.groups import default_grant, leave_groups
from portal.scim.engine.facts import WantedPerson
from portal.scim.engine.managers import WantedManager
from portal.scim.models import ScimClient, ScimPerson
from portal.scim.queries import people as queries
from portal.sso.queries.ways import email_domain
from portal.tenants.actions import contacts
from portal.tenants.actions.person_details import belongs_here_alone
from portal.tenants.actions.reporting_lines import set_manager
from portal.tenants.models import Contact
from portal.tenants.queries.actors import has_desk


def add_person(ctx: Context, client: ScimClient, wanted: WantedPerson) -> Contact:
    """Add *wanted* to the organization of *client*, with the access that its token gives; records `contact.added` and
    `person.provisioned`. The caller acts as the system.

    Raises Refused for an address outside the organization's own domains, Conflict for somebody who is there already,
    who works in support, or whose access was ended.
    """
    email = _own_address(ctx, client, wanted.email)
    user = user_by_email(ctx, email)
    if user is not None and (user.ended_at is not None or has_desk(ctx, user)):
        raise Conflict("This address cannot be added")
    if user is None:
        user = identity.add_person(ctx, name=wanted.name, email=email, phone=wanted.phone)
    organization = client.organization
    known = contacts.find_contact(ctx, organization, user)
    row = queries.scim_person(ctx, known) if known is not None else None
    if known is not None and (known.active or row is None or row.removed_at is None):
        raise Conflict("Somebody has this userName already")
    contact = contacts.add_contact(ctx, organization, user, grants=[default_grant(client)], title=wanted.title)
    _note(ctx, contact, wanted.external_id)
    record(ctx, "person.provisioned", user, organization=str(organization.id))
    if not wanted.active:
        _end_place(ctx, contact, user)
    return contact


def change_person(ctx: Context, client: ScimClient, contact: Contact, wanted: WantedPerson) -> None:
    """Let *contact* (user loaded) be as *wanted*: access, title, and, where they belong to this organization alone,
    name, phone and address. The caller acts as the system. Records what changes.

    Raises Refused for an address outside the organization's own domains, Conflict for one that somebody else has.
    """
    user = contact.user
    if wanted.active and not contact.active:
        if user.ended_at is not None:
            raise Conflict("The access of this person was ended by the provider")
        contacts.return_contact(ctx, contact)
        record(ctx, "person.provisioned", user, organization=str(client.organization_id))
    elif not wanted.active and contact.active:
        _end_place(ctx, contact, user)
    contact.title = wanted.title
    before = primary_email(ctx, user.id)
    if belongs_here_alone(ctx, contact):
        identity.correct_person(ctx, user, name=wanted.name, phone=wanted.phone)
        if wanted.email.casefold() not in (before.casefold(), user.new_email.casefold()):
            email = _own_address(ctx, client, wanted.email)
            holder = user_by_email(ctx, email)
            if holder is not None and holder.id != user.id:
                raise Conflict("Somebody has this userName already")
            identity.correct_address(ctx, user, email)
    _note(ctx, contact, wanted.external_id)


def set_wanted_manager(ctx: Context, client: ScimClient, contact: Contact, wanted: WantedManager) -> None:
    """Let *contact* report to whom the identity provider names by the id of a resource, or to nobody; records
    `contact.manager_set`. Somebody whom it does not see here is passed over: other systems send names. The caller acts
    as the system and holds the lock of the lines. Raises Refused for a line that would close a loop or be too long.
    """
    manager_id = parse_id(wanted.id)
    if wanted.id and (manager_id is None or queries.person(ctx, client, manager_id) is None):
        return
    set_manager(ctx, contact, manager_id)


def remove_person(ctx: Context, contact: Contact) -> None:
    """End the place of *contact* (user loaded); the identity provider sees them no more, and they are in no group.
    Their words and open cases stay. The caller acts as the system."""
    if contact.active:
        _end_place(ctx, contact, contact.user)
    leave_groups(ctx, contact)
    _note(ctx, contact, None).removed_at = ctx.now
    ctx.session.flush()


def _end_place(ctx: Context, contact: Contact, user: User) -> None:
    """End a place, and every session of somebody who has no other one; records `contact.ended` and
    `person.deprovisioned`."""
    contacts.end_contact(ctx, contact)
    if not queries.has_other_place(ctx, contact) and not has_desk(ctx, user):
        identity.end_sessions(ctx, user)
        identity.forget_trusted_devices(ctx, user)
    record(ctx, "person.deprovisioned", user, organization=str(contact.organization_id))


def _own_address(ctx: Context, client: ScimClient, email: str) -> str:
    """*email*, if it is an address of a domain of the organization: an identity provider speaks for no others."""
    rule = email_domain(ctx, email)
    if rule is None or rule.organization_id != client.organization_id:
        raise Refused("The address is in no domain of this organization")
    return email


def _note(ctx: Context, contact: Contact, external_id: str | None) -> ScimPerson:
    row = queries.scim_person(ctx, contact)
    if row is None:
        row = ScimPerson(
            provider_id=ctx.provider_id,
            organization_id=contact.organization_id,
            contact_id=contact.id,
            user_id=contact.user_id,
        )
        ctx.session.add(row)
    if external_id is not None:
        row.external_id, row.removed_at = external_id, None
    row.changed_at = ctx.now
    ctx.session.flush()
    return row
