"""Reads of registrations, and of the rules by which people may register."""

import uuid
from collections.abc import Sequence

from sqlalchemy import exists, func, select
from sqlalchemy.orm import joinedload

from portal.authz.scopes import load, scope
from portal.identity.models import Address, User
from portal.identity.registration_rules import INVITED, MODES, OPEN_TO_STRANGERS
from portal.kernel import config_cache
from portal.kernel.context import Context
from portal.kernel.paging import Page, fetch_page_of
from portal.kernel.system_context import as_system
from portal.registrations.models import Registration
from portal.sso.queries.ways import email_domain
from portal.tenants.models import Contact, Organization, StaffMember

SIZE = 50
WAITING = "waiting"


def is_offered(ctx: Context) -> bool:
    """Whether the provider or one of its organizations lets people register, or listed people ask for a link."""
    return ctx.provider.registration != INVITED or any(mode != INVITED for mode in _own_modes(ctx).values())


def find_mode(ctx: Context, email: str, person: User | None) -> str:
    """One of `registration_rules.MODES` for the address *email*.

    Somebody who belongs to organizations: the most open mode of those. Everybody else: that of the organization to
    which the domain belongs, else that of the provider.
    """
    own_modes = _own_modes(ctx)
    with as_system(ctx) as system:
        if person is not None:
            places = scope(system.actor, Contact).where(Contact.user_id == person.id, Contact.active)
            ids = system.session.scalars(places.with_only_columns(Contact.organization_id)).all()
            if ids:
                return max((own_modes.get(i) or ctx.provider.registration for i in ids), key=MODES.index)
        row = email_domain(system, email)
    if row is None or row.organization is None:
        return str(ctx.provider.registration)
    if not row.organization.active:
        return INVITED
    return own_modes.get(row.organization.id) or str(ctx.provider.registration)


def may_have_waiting(ctx: Context, organization: Organization) -> bool:
    """Whether people can register for *organization*, or somebody still waits who did when they could."""
    mode = _own_modes(ctx).get(organization.id) or ctx.provider.registration
    if mode in OPEN_TO_STRANGERS:
        return True
    rows = scope(ctx.actor, Registration).where(Registration.state == WAITING)
    return bool(ctx.session.scalar(select(rows.where(Registration.organization_id == organization.id).exists())))


def may_anybody_wait(ctx: Context) -> bool:
    """Whether people can register at the provider or one of its organizations, or somebody still waits."""
    if {str(ctx.provider.registration), *_own_modes(ctx).values()} & set(OPEN_TO_STRANGERS):
        return True
    rows = scope(ctx.actor, Registration).where(Registration.state == WAITING)
    return bool(ctx.session.scalar(select(rows.exists())))


def proved_email(ctx: Context, user: User) -> str:
    """The first address that *user* holds and has proved, or ''."""
    proved = select(Address.email).where(
        Address.user_id == user.id, Address.verified_at.is_not(None), Address.claimed.is_(False)
    )
    return ctx.session.scalar(proved.order_by(Address.id).limit(1)) or ""


def has_place(ctx: Context, user: User) -> bool:
    """Whether *user* has, or had, a place in an organization or works here, or registered before."""
    found = select(
        exists().where(Contact.user_id == user.id),
        exists().where(StaffMember.user_id == user.id),
        exists().where(Registration.user_id == user.id),
    )
    return any(ctx.session.execute(found).one())


def registration_of(ctx: Context, user_id: uuid.UUID) -> Registration | None:
    """The registration of a person; None where there is none, or the actor may not see it."""
    rows = scope(ctx.actor, Registration).where(Registration.user_id == user_id)
    return ctx.session.scalars(rows).one_or_none()


def own_registration(ctx: Context) -> Registration | None:
    """That of the acting person, with the organization of their domain, of which they see nothing else."""
    with as_system(ctx, with_own_rows=True) as system:
        rows = scope(system.actor, Registration).options(joinedload(Registration.organization))
        return system.session.scalars(rows.where(Registration.user_id == ctx.actor.user_id)).one_or_none()


def is_registered(ctx: Context, user_id: uuid.UUID) -> bool:
    """Whether a person registered and was not given a place so far: they may sign in and read what happens next."""
    rows = select(Registration.id).where(
        Registration.provider_id == ctx.provider_id, Registration.user_id == user_id, Registration.state != "accepted"
    )
    return ctx.session.scalar(rows) is not None


def waiting_page(ctx: Context, organization: Organization | None = None, number: int = 1) -> Page[Registration]:
    """Those who wait, the oldest first, with user, addresses and organization; of one organization, or all."""
    rows = scope(ctx.actor, Registration).where(Registration.state == WAITING)
    if organization is not None:
        rows = rows.where(Registration.organization_id == organization.id)
    rows = rows.options(
        joinedload(Registration.user, innerjoin=True).selectinload(User.addresses),
        joinedload(Registration.organization),
    )
    return fetch_page_of(ctx.session, rows.order_by(Registration.asked_at, Registration.id), number, SIZE)


def count_waiting(ctx: Context) -> int:
    """How many people wait, as far as the actor sees them."""
    rows = scope(ctx.actor, Registration).where(Registration.state == WAITING)
    return ctx.session.scalar(rows.with_only_columns(func.count())) or 0


def registration(
    ctx: Context, registration_id: uuid.UUID, organization: Organization | None = None, *, lock: bool = False
) -> Registration:
    """One visible registration, waiting or decided; with *organization* only one of its domains. NotFound otherwise."""
    where = [Registration.id == registration_id]
    if organization is not None:
        where.append(Registration.organization_id == organization.id)
    if lock:
        load(ctx, Registration, *where, lock=True)
    user = joinedload(Registration.user, innerjoin=True).selectinload(User.addresses)
    return load(ctx, Registration, *where, options=[user, joinedload(Registration.organization)])


def _own_modes(ctx: Context) -> dict[uuid.UUID, str]:
    """The modes of organizations that have one of their own. Their rows are the system's to read: whoever registers
    sees none."""
    with as_system(ctx) as system:
        return dict(config_cache.cached_config(system, config_cache.for_everybody, _read_own_modes))


def _read_own_modes(ctx: Context) -> Sequence[tuple[uuid.UUID, str]]:
    rows = select(Organization.id, Organization.registration).where(
        Organization.provider_id == ctx.provider_id, Organization.active, Organization.registration != ""
    )
    return tuple((row[0], row[1]) for row in ctx.session.execute(rows))
