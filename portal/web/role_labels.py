"""Labels of roles: names, and sentences made from the table of `authz.roles`."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.authz.permissions import Permission as P
from portal.authz.roles import ROLES, CaseRole, ContactRole, StaffRole

NAMES: dict[str, Any] = {
    StaffRole.AGENT: _l("Agent"),
    StaffRole.LEAD: _l("Team lead"),
    StaffRole.ADMIN: _l("Administrator"),
    StaffRole.PLATFORM_ADMIN: _l("Platform administrator"),
    StaffRole.AUDITOR: _l("Auditor"),
    ContactRole.REQUESTER: _l("Requester"),
    ContactRole.MEMBER: _l("Member"),
    ContactRole.COORDINATOR: _l("Coordinator"),
    ContactRole.ORGANIZATION_ADMIN: _l("Organization administrator"),
    CaseRole.REPORTER: _l("Person who opened the case"),
    CaseRole.CONTACT: _l("Contact of the case"),
    CaseRole.AFFECTED: _l("Affected person"),
    CaseRole.PARTICIPANT: _l("Person in copy"),
    CaseRole.READER: _l("Person the case was shared with"),
    CaseRole.MANAGER: _l("Manager of somebody on the case"),
}

SUMMARIES: dict[str, Any] = {
    StaffRole.AGENT: _l("Answers cases of the accounts they look after"),
    StaffRole.LEAD: _l("Answers cases, watches promises, reads the configuration"),
    StaffRole.ADMIN: _l("Answers cases of all accounts and configures everything"),
    StaffRole.PLATFORM_ADMIN: _l("Configures everything and sees no case"),
    StaffRole.AUDITOR: _l("Reads cases and configuration, changes nothing"),
    ContactRole.REQUESTER: _l("Opens cases and sees their own"),
    ContactRole.MEMBER: _l("Also reads the cases that colleagues share"),
    ContactRole.COORDINATOR: _l("Also opens cases for colleagues"),
    ContactRole.ORGANIZATION_ADMIN: _l("Also looks after people, environments and sharing rules"),
}

CONTACT_ABILITIES: tuple[tuple[P, Any], ...] = (
    (P.CASE_OPEN, _l("Open cases and follow their own")),
    (P.CASE_READ_SHARED, _l("Read cases that colleagues share")),
    (P.CASE_OPEN_FOR_OTHERS, _l("Open cases for other people")),
    (P.CASE_ACCEPT, _l("Accept solutions, close and reopen cases of colleagues")),
    (P.ORGANIZATION_PEOPLE, _l("Invite people, change their access and end it")),
    (P.ORGANIZATION_ENVIRONMENTS, _l("Add and change environments")),
    (P.ORGANIZATION_RULES, _l("Change who sees shared and private cases")),
    (P.CASE_READ_PRIVATE, _l("Read private cases of colleagues")),
)

STAFF_ABILITIES: tuple[tuple[P, Any], ...] = (
    (P.CASE_READ, _l("Read the cases of their accounts")),
    (P.CASE_ANSWER, _l("Answer, route and solve cases")),
    (P.CASE_NOTE, _l("Write internal notes")),
    (P.CASE_OPEN_FOR_OTHERS, _l("Open cases for clients")),
    (P.PROVIDER_READ, _l("Read the configuration")),
    (P.PROVIDER_CONFIGURE, _l("Change clients, people, request types and settings")),
    (P.PROVIDER_CONNECT, _l("Connect mailboxes and identity providers")),
    (P.MAIL_SEE, _l("See what was emailed")),
    (P.SECURITY_SEE, _l("See failed sign-ins, refused requests and changed roles")),
)


@dataclass(frozen=True, slots=True)
class Ability:
    """What a role lets somebody do, or not."""

    text: str
    allowed: bool


def role_name(role: str) -> str:
    """The name of *role* in the reader's language; an unknown one as it is stored."""
    return str(NAMES.get(role, role))


def say_who_may(roles: Iterable[str], *, staff: bool) -> str:
    """A sentence that names those of *roles* which belong to the reader's side; '' if there is none to name."""
    names = [role_name(role) for role in roles if (role in list(StaffRole)) == staff]
    return _("Your role does not include it. It needs: %(roles)s.", roles=", ".join(names)) if names else ""


def role_choices(roles: Iterable[Any]) -> list[tuple[str, str]]:
    """(value, name) of *roles*, for a select."""
    return [(str(role.value), role_name(role)) for role in roles]


def role_options(roles: Iterable[Any]) -> list[dict[str, str]]:
    """The same with the sentence that sums the role up, for radio buttons."""
    return [{"value": role.value, "label": role_name(role), "hint": str(SUMMARIES[role])} for role in roles]


def contact_abilities(roles: Iterable[str], *, requesters_see_shared: bool, admins_see_private: bool) -> list[Ability]:
    """What somebody who holds *roles* may do in an organization with these sharing rules."""
    held: set[P] = set()
    for name in roles:
        role = ContactRole(name)
        held |= ROLES[role]
        if role is ContactRole.REQUESTER and requesters_see_shared:
            held.add(P.CASE_READ_SHARED)
    if not admins_see_private:
        held.discard(P.CASE_READ_PRIVATE)
    return [Ability(str(words), permission in held) for permission, words in CONTACT_ABILITIES]


def staff_abilities(role: str) -> list[Ability]:
    """What a staff member with *role* may do."""
    return [Ability(str(words), permission in ROLES[StaffRole(role)]) for permission, words in STAFF_ABILITIES]
