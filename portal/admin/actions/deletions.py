"""Deleting what somebody made by mistake: only what nothing refers to; everything else is archived. Calendars and
policies are archived in any case: their versions are part of what was promised, and the database lets nobody delete
them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from flask_babel import gettext as _
from sqlalchemy import delete

from portal.admin.queries.deletions import (
    belongs_elsewhere,
    count_cases_with_steps_of,
    count_references,
    rows_of_parts,
    some_contacts,
)
from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.kernel.context import Context
from portal.kernel.database import Base
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.tenants.models import Contact, Organization

# An organization of more people than this is not the mistake of a moment: they are deleted one by one.
MOST_ALONG = 20


@dataclass(frozen=True, slots=True)
class Deletable:
    """A kind of row: its name in events, and the tables whose rows belong to it and go with it."""

    kind: str
    parts: Sequence[str] = ()


ORGANIZATION = Deletable("organization")
ACCOUNT = Deletable(
    "account",
    (
        *("account_counters", "account_aliases", "account_services", "staff_accounts"),
        *("environments", "contact_access", "sla_assignments", "account_senders", "default_accounts"),
    ),
)
ENVIRONMENT = Deletable("environment")
DEPARTMENT = Deletable("department", ("staff_departments",))
REQUEST_TYPE = Deletable("request_type")
MAILBOX = Deletable(
    "mailbox", ("mailbox_connections", "mailbox_tokens", "mailbox_tests", "account_senders", "sending_faults")
)
RULE = Deletable("rule", ("sla_steps",))
CONTACT = Deletable("contact", ("contact_access", "scim_people", "scim_group_members"))
# A contact together with the person, who never signed in: their addresses and settings, and what the security log says
# about their access. What they did, or a case that names them, stays and keeps them.
PERSON = Deletable(
    "contact",
    (
        *("contacts", "contact_access", "addresses", "security_events", "import_drafts"),
        *("unsent_forms", "drafts", "mail_choices", "quiet_hours", "notifications", "digest_entries"),
        *("default_accounts", "scim_people", "scim_group_members"),
    ),
)


def contact_to_delete(ctx: Context, contact: Contact) -> tuple[Deletable, Base]:
    """What goes with *contact*, and the row: the person, or only the contact of somebody who belongs elsewhere too."""
    return (CONTACT, contact) if belongs_elsewhere(ctx, contact) else (PERSON, contact.user)


def find_references(ctx: Context, kind: Deletable, row: Base) -> dict[str, int]:
    """The number of rows that keep *row*, by table (`deletion_labels`); empty if it can be deleted.

    Former contacts keep their organization only if something keeps them. The contact of somebody who belongs elsewhere
    too is also kept by what the person did in cases, to which only the keys of the person lead.
    """
    found = count_references(ctx, row, kind.parts)
    if kind is CONTACT and (cases := count_cases_with_steps_of(ctx, cast(Contact, row))):
        found["cases"] = max(found.get("cases", 0), cases)
    if kind is ORGANIZATION and set(found) == {"contacts"} and contacts_along(ctx, cast(Organization, row)):
        return {}
    return found


def contacts_along(ctx: Context, organization: Organization) -> Sequence[Contact]:
    """The former contacts who go with *organization*: all of its people, or nobody where one of them stays."""
    people = some_contacts(ctx, organization, MOST_ALONG + 1)
    if len(people) > MOST_ALONG or any(contact.active for contact in people):
        return ()
    if any(find_references(ctx, *contact_to_delete(ctx, contact)) for contact in people):
        return ()
    return people


def delete_unused(ctx: Context, kind: Deletable, row: Base, name: str) -> None:
    """Delete *row*, called *name*, with its parts; records `<kind>.deleted`. Raises Refused where something
    refers to it. *row* is locked; a reference that somebody adds at this moment fails at its key."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if find_references(ctx, kind, row):
        raise Refused(_("%(name)s is still in use.", name=name))
    for contact in contacts_along(ctx, row) if isinstance(row, Organization) else ():
        delete_unused(ctx, *contact_to_delete(ctx, contact), contact.user.name)
    record(ctx, f"{kind.kind}.deleted", row, name=name)
    ctx.session.flush()
    for table, owned in rows_of_parts(row, kind.parts):
        ctx.session.execute(delete(table).where(owned))
    ctx.session.expunge(row)
