"""The people of an organization: adding them, their access, and ending it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import delete, select

from portal.authz.access import can, require
from portal.authz.permissions import Permission
from portal.authz.roles import ContactRole
from portal.identity import actions as identity
from portal.identity import queries as identity_queries
from portal.identity.models import User
from portal.kernel import ids
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Forbidden, Refused
from portal.kernel.events import record
from portal.tenants.actions import claims
from portal.tenants.actions.sight import announce_sight
from portal.tenants.models import AccessSource, Account, Contact, ContactAccess, Environment, Organization
from portal.tenants.preconditions import check_not_oneself, configures_blindly
from portal.tenants.queries.open_cases import HandedOver, HandOver, hand_over_cases


@dataclass(frozen=True, slots=True)
class Grant:
    """A role to be held in an account, or in one environment of it."""

    account_id: Id
    environment_id: Id | None
    role: ContactRole
    source: AccessSource = AccessSource.HAND

    @classmethod
    def parse(cls, place: str, role: str) -> "Grant":
        """The grant that a form spells: an account's id, or account and environment joined by a slash."""
        account, _slash, environment = place.partition("/")
        account_id, environment_id = ids.parse_id(account), ids.parse_id(environment)
        if account_id is None or (environment and environment_id is None) or role not in list(ContactRole):
            raise Refused(_("Choose accounts and environments of this organization"), "access")
        return cls(account_id, environment_id, ContactRole(role))


def parse_grants(pairs: Iterable[tuple[str, str]]) -> list[Grant]:
    """The grants of a form, given as (place, role). Raises Refused (field `access`) for an invalid one."""
    return [Grant.parse(place, role) for place, role in pairs]


def grant_pairs(contact: Contact, accounts: Collection[Id] | None = None) -> list[tuple[str, str]]:
    """The access rows of *contact* (loaded) that are changed by hand, as (place, role), the way `parse_grants` reads
    them; with *accounts*, those in one of them."""
    return [
        (f"{row.account_id}/{row.environment_id}" if row.environment_id else str(row.account_id), row.role)
        for row in contact.access
        if row.source != AccessSource.GROUP and (accounts is None or row.account_id in accounts)
    ]


def add_contact(
    ctx: Context, organization: Organization, person: User, *, grants: Iterable[Grant], title: str = ""
) -> Contact:
    """Give *person* a place in *organization* with *grants*; an earlier place is revived; records `contact.added`."""
    _may_change_people(ctx, organization)
    check_not_oneself(ctx, person.id)
    contact = find_contact(ctx, organization, person)
    if contact is not None and contact.active:
        raise Refused(
            _("%(name)s already belongs to %(organization)s", name=person.name, organization=organization.name), "email"
        )
    if contact is None:
        contact = Contact(
            provider_id=ctx.provider_id, organization_id=organization.id, user_id=person.id, created_at=ctx.now
        )
        ctx.session.add(contact)
    else:
        # The access of a former contact does not come back; only *grants* hold, and what groups give.
        mine = (ContactAccess.contact_id == contact.id, ContactAccess.source != AccessSource.GROUP)
        ctx.session.execute(delete(ContactAccess).where(*mine))
    contact.active, contact.title = True, title
    ctx.session.flush()
    _write_grants(ctx, contact, grants)
    roles = _held_roles(ctx, contact)
    record(ctx, "contact.added", contact, user=str(person.id), roles=roles)
    _announce_access(ctx, contact, set())
    return contact


def find_contact(ctx: Context, organization: Organization, person: User) -> Contact | None:
    """The place of *person* in *organization*, also a former one."""
    return ctx.session.scalars(
        select(Contact).where(Contact.organization_id == organization.id, Contact.user_id == person.id)
    ).one_or_none()


def add_contact_by_email(
    ctx: Context,
    organization: Organization,
    *,
    name: str,
    email: str,
    grants: Iterable[Grant],
    title: str = "",
    invite: bool = True,
) -> Contact:
    """Give the person with *email* a place in *organization*, and mail an invitation if *invite* and they cannot sign
    in yet. Where the address belongs to somebody whom the actor may not see, a claimant gets the place, as a new
    person would.
    """
    _may_change_people(ctx, organization)
    person = claims.find_or_add_person(ctx, organization.id, name=name, email=email)
    contact = add_contact(ctx, organization, person, grants=grants, title=title)
    if invite:
        identity.invite_unless_signing_in(ctx, person)
    return contact


def invite_contact(ctx: Context, contact: Contact) -> None:
    """Mail *contact* (user loaded) a new invitation; the older link dies. Raises Conflict for somebody who signs in."""
    _may_change_people(ctx, contact)
    if not contact.active:
        raise Conflict(_("%(name)s no longer belongs here", name=contact.user.name))
    identity.invite(ctx, contact.user)


def withdraw_invitation(ctx: Context, contact: Contact) -> None:
    """Make the invitation of *contact* (user loaded) useless; the person stays listed."""
    _may_change_people(ctx, contact)
    if contact.user.invited_at is None or identity_queries.password_of(ctx, contact.user_id) is not None:
        raise Conflict(_("There is no open invitation for %(name)s", name=contact.user.name))
    identity.withdraw_invitation(ctx, contact.user)


def change_access(
    ctx: Context,
    contact: Contact,
    *,
    grants: Iterable[Grant],
    title: str | None = None,
    hand_over: HandOver | None = None,
) -> HandedOver:
    """Replace what *contact* may do, and hand over open cases of theirs; effective with their next request.

    Records `contact.changed` (fact `lost`: account and environment of the access rows that are gone).
    Nobody changes their own rows on the portal side, so an organization keeps an administrator. Rows of accounts
    that an organization's administrator does not administer stay as they are, and so do rows that groups of the
    identity provider give. Raises Refused (access) for another role in a place of such a row.
    """
    _may_change_people(ctx, contact)
    if ctx.actor.is_contact and contact.user_id == ctx.actor.user_id:
        raise Forbidden(_("You cannot change your own access. Ask another administrator or support."))
    if title is not None:
        contact.title = title
    check_not_oneself(ctx, contact.user_id)
    before, held = _held_roles(ctx, contact), _held_places(ctx, contact)
    _write_grants(ctx, contact, grants)
    roles = [before, _held_roles(ctx, contact)]
    # Before the event, which announces the cases that stay with the contact.
    handed_over = hand_over_cases(ctx, contact, hand_over or HandOver())
    lost = _lost_places(ctx, contact, held)
    record(ctx, "contact.changed", contact, user=str(contact.user_id), roles=roles, lost=lost)
    _announce_access(ctx, contact, held)
    return handed_over


def group_decides(account: str) -> str:
    """The sentence for a change by hand where a group of the identity provider gives the role in *account*."""
    return _("A group of the identity provider gives the role in %(account)s. It is changed there.", account=account)


def set_severity_floor(ctx: Context, contact: Contact, rank: int | None) -> None:
    """Cases about a very important person are at least of *rank* from now on (None: as everybody's); records
    `contact.floor_set`. Refused for a rank outside 1 to 4."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    check_floor(rank)
    if contact.severity_floor != rank:
        before, contact.severity_floor = contact.severity_floor, rank
        ctx.session.flush()
        record(ctx, "contact.floor_set", contact, user=str(contact.user_id), floor=[before, rank])


def check_floor(rank: int | None) -> None:
    """Raise Refused (severity_floor) for a *rank* that no severity has; None is no floor."""
    if rank is not None and rank not in (1, 2, 3, 4):
        raise Refused(_("Choose one of the severities"), "severity_floor")


def end_contact(ctx: Context, contact: Contact, hand_over: HandOver | None = None) -> HandedOver:
    """End a person's place in an organization with immediate effect, after handing over open cases of theirs; records
    `contact.ended` (fact `asked`). *hand_over* is what a person answered; without it nobody was asked, and every case
    stays.

    Raises Conflict for somebody whose place has ended, and Refused (hand_to, cases) for an answer that leaves a case
    which nobody else of the customer can read. Cases drop what they were let into. An invitation still works,
    but leads to nothing here.
    """
    _may_change_people(ctx, contact)
    if ctx.actor.is_contact and contact.user_id == ctx.actor.user_id:
        raise Forbidden(_("You cannot remove yourself. Ask another administrator or support."))
    _must_reach_all(ctx, contact)
    if not contact.active:
        raise Conflict(_("%(name)s no longer belongs here", name=contact.user.name))
    handed_over = hand_over_cases(ctx, contact, hand_over, ends=True) if hand_over is not None else HandedOver()
    contact.active = False
    record(ctx, "contact.ended", contact, user=str(contact.user_id), asked=hand_over is not None)
    return handed_over


def return_contact(ctx: Context, contact: Contact) -> None:
    """Let a former contact in again with the access they had; records `contact.returned`."""
    _may_change_people(ctx, contact)
    _must_reach_all(ctx, contact)
    check_not_oneself(ctx, contact.user_id)
    contact.active = True
    record(ctx, "contact.returned", contact, user=str(contact.user_id), roles=_held_roles(ctx, contact))
    _announce_access(ctx, contact, set())


def add_requester(ctx: Context, account: Account, *, name: str, email: str, environment_id: Id | None) -> Contact:
    """Somebody who is not listed yet, named while a case is opened for them: a requester of that account, no sign-in.

    Needs CASE_OPEN_FOR_OTHERS on the account. A known person of the organization is used as they are. Where the
    address belongs to somebody whom the actor may not see, a claimant gets the place, as a new person would.
    """
    require(ctx.actor, Permission.CASE_OPEN_FOR_OTHERS, account)
    person = claims.find_or_add_person(ctx, account.organization_id, name=name, email=email)
    known = ctx.session.scalars(
        select(Contact).where(Contact.organization_id == account.organization_id, Contact.user_id == person.id)
    ).one_or_none()
    if known is None:
        known = Contact(
            provider_id=ctx.provider_id,
            organization_id=account.organization_id,
            user_id=person.id,
            created_at=ctx.now,
        )
        ctx.session.add(known)
        ctx.session.flush()
        record(ctx, "contact.added", known, user=str(person.id))
    elif not known.active:
        raise Refused(_("%(name)s no longer belongs to this account", name=email), "person_email")
    covered = select(ContactAccess.id).where(
        ContactAccess.contact_id == known.id, ContactAccess.account_id == account.id
    )
    if ctx.session.scalar(covered) is None:
        _add_grant(ctx, known, Grant(account.id, None, ContactRole.REQUESTER))
    return known


def _held_roles(ctx: Context, contact: Contact) -> list[str]:
    """The roles in the access rows of *contact*, each once."""
    held = select(ContactAccess.role).where(ContactAccess.contact_id == contact.id).distinct()
    return sorted(ctx.session.scalars(held))


def _held_places(ctx: Context, contact: Contact) -> set[tuple[Id, Id | None, str]]:
    """Account, environment and role of each access row of *contact*."""
    rows = select(ContactAccess.account_id, ContactAccess.environment_id, ContactAccess.role)
    found = ctx.session.execute(rows.where(ContactAccess.contact_id == contact.id))
    return {(account, environment, role) for account, environment, role in found}


def _lost_places(ctx: Context, contact: Contact, before: set[tuple[Id, Id | None, str]]) -> list[list[str]]:
    """Account and environment of the access rows that *contact* had *before* and has no more."""
    left = {(account, environment) for account, environment, _role in before}
    left -= {(account, environment) for account, environment, _role in _held_places(ctx, contact)}
    return sorted([str(account), str(environment or "")] for account, environment in left)


def _announce_access(ctx: Context, contact: Contact, before: set[tuple[Id, Id | None, str]]) -> None:
    """Notify the administrators if a person who sees no cases gave *contact* more access than *before*."""
    gained = _held_places(ctx, contact) - before if configures_blindly(ctx) else set()
    if gained:
        organization = ctx.session.get_one(Organization, contact.organization_id)
        announce_sight(
            ctx,
            contact,
            about="contact",
            name=ctx.session.get_one(User, contact.user_id).name,
            roles=sorted({role for _account, _environment, role in gained}),
            organization=organization.name,
        )


def reaches_all(ctx: Context, contact: Contact) -> bool:
    """Whether the actor looks after all accounts of *contact*; staff who may change people do."""
    if not ctx.actor.is_contact:
        return True
    held = select(ContactAccess.account_id).where(ContactAccess.contact_id == contact.id)
    rows = ctx.session.scalars(select(Account).where(Account.id.in_(held)))
    return all(can(ctx.actor, Permission.ORGANIZATION_PEOPLE, account) for account in rows)


def require_reach(ctx: Context, contact: Contact) -> None:
    """Raise Forbidden unless the actor looks after *contact* with all their accounts."""
    _may_change_people(ctx, contact)
    _must_reach_all(ctx, contact)


def _may_change_people(ctx: Context, place: object) -> None:
    if ctx.actor.is_contact:
        require(ctx.actor, Permission.ORGANIZATION_PEOPLE, place)
    else:
        require(ctx.actor, Permission.PROVIDER_CONFIGURE)


def _must_reach_all(ctx: Context, contact: Contact) -> None:
    """An organization's administrator ends and returns only people all of whose accounts they administer."""
    if not reaches_all(ctx, contact):
        raise Forbidden(_("This person also has access to accounts that you do not administer. Ask support."))


def _add_grant(ctx: Context, contact: Contact, grant: Grant) -> None:
    ctx.session.add(
        ContactAccess(
            provider_id=ctx.provider_id,
            organization_id=contact.organization_id,
            contact_id=contact.id,
            user_id=contact.user_id,
            account_id=grant.account_id,
            environment_id=grant.environment_id,
            role=grant.role.value,
            source=grant.source.value,
        )
    )
    ctx.session.flush()


def _checked_grants(ctx: Context, contact: Contact, grants: Iterable[Grant]) -> dict[tuple[Id, Id | None], Grant]:
    """*grants* by place, each checked against the accounts of the contact's organization and the actor's reach."""
    wanted = {(g.account_id, g.environment_id): g for g in grants}
    accounts = {
        a.id: a
        for a in ctx.session.scalars(
            select(Account).where(
                Account.organization_id == contact.organization_id, Account.id.in_([a for a, _e in wanted])
            )
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
    return wanted


def _write_grants(ctx: Context, contact: Contact, grants: Iterable[Grant]) -> None:
    """Make the access rows of *contact* equal *grants*, as far as the actor's reach goes."""
    wanted = _checked_grants(ctx, contact, grants)
    held = ctx.session.execute(
        select(ContactAccess, Account)
        .join(Account, Account.id == ContactAccess.account_id)
        .where(ContactAccess.contact_id == contact.id)
    ).all()
    for row, account in held:
        if ctx.actor.is_contact and not can(ctx.actor, Permission.ORGANIZATION_PEOPLE, account):
            continue
        kept = wanted.pop((row.account_id, row.environment_id), None)
        if row.source == AccessSource.GROUP:
            if kept is not None and kept.role != row.role:
                raise Refused(group_decides(account.name), "access")
        elif kept is None:
            ctx.session.delete(row)
        elif kept.role != row.role:
            row.role, row.source = kept.role.value, kept.source.value
    ctx.session.flush()
    for grant in wanted.values():
        _add_grant(ctx, contact, grant)
