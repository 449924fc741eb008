"""Who of an organization can see what, in words: one cell for each kind of case, with its reason."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.authz.roles import ContactRole
from portal.cases.policies import reads_private, reads_shared
from portal.kernel.actor import Access, Actor
from portal.kernel.context import Context
from portal.tenants.models import Contact, ContactAccess, Organization
from portal.web.role_labels import role_name


def looks_after_people(ctx: Context, organization: Organization) -> bool:
    """Whether the reader may open the pages of *organization*."""
    return can(ctx.actor, Permission.ORGANIZATION_PEOPLE, organization)


@dataclass(frozen=True, slots=True)
class SightLine:
    """Whether a person sees a kind of case, and why; *place* where that holds, '' if it holds wherever they are."""

    sees: bool
    why: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class PersonSight:
    """What one person sees in the organization."""

    contact: Contact
    shared: Sequence[SightLine]
    private: Sequence[SightLine]
    managed: Sequence[SightLine]


def person_sight(contact: Contact, actor: Actor, organization: Organization) -> PersonSight:
    """What *contact* (access loaded) sees in *organization* as *actor*."""
    here = [
        (row, Access(row.organization_id, row.account_id, row.environment_id, row.role))
        for row in contact.access
        if contact.active and organization.id in actor.memberships
    ]
    return PersonSight(
        contact,
        _lines(here, lambda row: _shared(actor, row)),
        _lines(here, lambda row: _private(actor, row)),
        [_managed(actor, organization, has_access=bool(here))],
    )


def _lines(
    rows: Iterable[tuple[ContactAccess, Access]], judge: Callable[[Access], tuple[bool, str]]
) -> list[SightLine]:
    """One line for each answer of *judge*; where answers differ they name their places."""
    places: dict[tuple[bool, str], list[str]] = {}
    for row, access in rows:
        places.setdefault(judge(access), []).append(place_name(row))
    if not places:
        return [SightLine(False, _("has no access to an account"))]
    several = len(places) > 1
    return [SightLine(sees, why, ", ".join(names) if several else "") for (sees, why), names in places.items()]


def place_name(row: ContactAccess) -> str:
    """The account of an access row, with its environment if it is for one only."""
    return f"{row.account.name}, {row.environment.name}" if row.environment else str(row.account.name)


def _shared(actor: Actor, row: Access) -> tuple[bool, str]:
    if row.role != ContactRole.REQUESTER:
        return True, _("by the role %(role)s", role=role_name(row.role))
    if reads_shared(actor, row):
        return True, _("requesters see shared cases here")
    return False, _("requesters see only their own cases here")


def _private(actor: Actor, row: Access) -> tuple[bool, str]:
    if reads_private(actor, row):
        return True, _("administrators see private cases here")
    if row.role == ContactRole.ORGANIZATION_ADMIN:
        return False, _("administrators do not see private cases here")
    return False, _("the role %(role)s does not open them", role=role_name(row.role))


def _managed(actor: Actor, organization: Organization, *, has_access: bool) -> SightLine:
    place = actor.memberships.get(organization.id)
    if not organization.managers_see:
        return SightLine(False, _("managers see no more than others here"))
    if place is None or not place.reports:
        return SightLine(False, _("nobody reports to them"))
    if not has_access:
        return SightLine(False, _("has no access to an account"))
    below = len(place.reports)
    return SightLine(True, ngettext("as the manager of %(num)d person", "as the manager of %(num)d people", below), "")
