"""Reads of ways to sign in, and of the domains and directories of organizations."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from portal.authz.scopes import load, scope
from portal.identity.models import User
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.encryption import Undecryptable, decrypt
from portal.kernel.errors import NotFound
from portal.kernel.system_context import as_system
from portal.sso.engine.domains import domain_of
from portal.sso.engine.kinds import DIRECTORY, EMAIL_DOMAIN, MICROSOFT
from portal.sso.models import LinkedSignIn, OrganizationDomain, SignInWay
from portal.sso.rules import Issuers, choose_directory
from portal.sso.servers.openid import Client
from portal.sso.servers.refusals import SignInRefused
from portal.tenants.models import Contact, Organization, StaffMember

MOST_WAYS, MOST_DOMAINS = 500, 1000


def ways(ctx: Context, organization: Organization | None = None) -> Sequence[SignInWay]:
    """The visible ways to sign in, those of the provider first; with *organization* only its own."""
    statement = scope(ctx.actor, SignInWay).options(joinedload(SignInWay.organization))
    if organization is not None:
        statement = statement.where(SignInWay.organization_id == organization.id)
    order = (SignInWay.organization_id.is_not(None), func.lower(SignInWay.label), SignInWay.id)
    return ctx.session.scalars(statement.order_by(*order).limit(MOST_WAYS)).all()


def way(ctx: Context, name: str, *, lock: bool = False) -> SignInWay:
    """The visible way *name*; NotFound otherwise."""
    where = SignInWay.name == _check_name(name)
    if lock:
        load(ctx, SignInWay, where, lock=True)
    return load(ctx, SignInWay, where, options=[joinedload(SignInWay.organization)])


def way_by_id(ctx: Context, way_id: Id | None) -> SignInWay:
    """The visible way *way_id*; NotFound otherwise."""
    return load(ctx, SignInWay, SignInWay.id == way_id, options=[joinedload(SignInWay.organization)])


def open_way(ctx: Context, name: str) -> SignInWay:
    """The way *name* by which people sign in now; NotFound for one that is off. Nobody is signed in yet."""
    with as_system(ctx) as system:
        found = way(system, name)
        if not is_open(found):
            raise NotFound
        return found


def is_open(found: SignInWay) -> bool:
    """Whether people sign in by this way (organization loaded)."""
    return found.enabled and (found.organization is None or found.organization.active)


def offered_ways(ctx: Context) -> Sequence[SignInWay]:
    """The provider's own ways, for the page where nobody has said who they are."""
    with as_system(ctx) as system:
        rows = scope(system.actor, SignInWay).where(SignInWay.enabled, SignInWay.organization_id.is_(None))
        return system.session.scalars(rows.order_by(func.lower(SignInWay.label), SignInWay.id).limit(20)).all()


def way_of_email(ctx: Context, email: str) -> SignInWay | None:
    """The way of the organization to which the domain of *email* belongs. It depends on the domain only, so it tells
    nothing about the person."""
    domain = domain_of(email)
    if not domain:
        return None
    with as_system(ctx) as system:
        rows = (
            scope(system.actor, SignInWay)
            .join(OrganizationDomain, OrganizationDomain.organization_id == SignInWay.organization_id)
            .join(Organization, Organization.id == SignInWay.organization_id)
            .where(
                OrganizationDomain.provider_id == ctx.provider_id,
                OrganizationDomain.kind == EMAIL_DOMAIN,
                OrganizationDomain.value == domain,
                SignInWay.enabled,
                Organization.active,
            )
            .order_by(SignInWay.enforced.desc(), SignInWay.id)
            .options(joinedload(SignInWay.organization))
        )
        return system.session.scalars(rows.limit(1)).one_or_none()


def enforced_ways(ctx: Context, user: User) -> Sequence[SignInWay]:
    """The ways that the organizations of *user* demand. Staff of the provider are free of it, so that a broken identity
    provider locks no administrator out."""
    with as_system(ctx) as system:
        staff = select(StaffMember.id).where(
            StaffMember.provider_id == ctx.provider_id, StaffMember.user_id == user.id, StaffMember.active
        )
        rows = (
            scope(system.actor, SignInWay)
            .join(Contact, Contact.organization_id == SignInWay.organization_id)
            .join(Organization, Organization.id == SignInWay.organization_id)
            .where(Contact.user_id == user.id, Contact.active, Organization.active)
            .where(SignInWay.enabled, SignInWay.enforced, ~staff.exists())
            .options(joinedload(SignInWay.organization))
        )
        return system.session.scalars(rows.order_by(SignInWay.id).limit(20)).all()


def domains(ctx: Context, organization_id: Id | None, kind: str = "") -> Sequence[OrganizationDomain]:
    """The visible domains and directories of an organization; with None those of the provider itself."""
    rows = scope(ctx.actor, OrganizationDomain).options(joinedload(OrganizationDomain.account))
    rows = rows.where(OrganizationDomain.organization_id.is_not_distinct_from(organization_id))
    if kind:
        rows = rows.where(OrganizationDomain.kind == kind)
    return ctx.session.scalars(
        rows.order_by(OrganizationDomain.kind, OrganizationDomain.value).limit(MOST_DOMAINS)
    ).all()


def all_domains(ctx: Context) -> Sequence[OrganizationDomain]:
    """The visible domains and directories, with their organizations."""
    rows = scope(ctx.actor, OrganizationDomain).options(
        joinedload(OrganizationDomain.organization), joinedload(OrganizationDomain.account)
    )
    return ctx.session.scalars(
        rows.order_by(OrganizationDomain.kind, OrganizationDomain.value).limit(MOST_DOMAINS)
    ).all()


def domain(ctx: Context, domain_id: Id | None) -> OrganizationDomain:
    """The visible domain or directory *domain_id*; NotFound otherwise."""
    return load(ctx, OrganizationDomain, OrganizationDomain.id == domain_id)


def domain_row(ctx: Context, kind: str, value: str) -> OrganizationDomain | None:
    """The row of a domain or directory, as the system sees it."""
    rows = scope(ctx.actor, OrganizationDomain).options(joinedload(OrganizationDomain.organization))
    return ctx.session.scalars(
        rows.where(OrganizationDomain.kind == kind, OrganizationDomain.value == value)
    ).one_or_none()


def email_domain(ctx: Context, email: str) -> OrganizationDomain | None:
    """The row of the domain of *email* with its organization, as the system sees it."""
    domain = domain_of(email)
    return domain_row(ctx, EMAIL_DOMAIN, domain) if domain else None


def client_of(ctx: Context, found: SignInWay, issuers: Issuers) -> Client:
    """Our application at the identity provider of *found*. Raises SignInRefused where its secret cannot be read."""
    directory = choose_directory(_directories(ctx, found)) if found.kind == MICROSOFT else ""
    try:
        secret = decrypt(found.client_secret, found.secret_purpose) if found.client_secret else ""
    except Undecryptable:
        raise SignInRefused("secret") from None
    return Client(issuers.issuer_of(found), found.client_id, secret, directory)


def _directories(ctx: Context, found: SignInWay) -> list[str]:
    with as_system(ctx) as system:
        rows = scope(system.actor, OrganizationDomain).where(OrganizationDomain.kind == DIRECTORY)
        if found.organization_id is not None:
            rows = rows.where(OrganizationDomain.organization_id == found.organization_id)
        return [row.value for row in system.session.scalars(rows.limit(2))]


def count_sign_ins(ctx: Context, rows: Sequence[SignInWay]) -> dict[Id, int]:
    """How many people have a sign-in at each of *rows*, which the caller has seen through a scope."""
    counted: Any = (
        select(LinkedSignIn.way_id, func.count())
        .where(LinkedSignIn.provider_id == ctx.provider_id, LinkedSignIn.way_id.in_([row.id for row in rows]))
        .where(LinkedSignIn.waiting.is_(False))
        .group_by(LinkedSignIn.way_id)
    )
    return {row[0]: row[1] for row in ctx.session.execute(counted)}


def _check_name(name: str) -> str:
    if len(name) > 40 or not name.isprintable():
        raise NotFound
    return name


def counts_as_factor(ctx: Context, user: User, method: str) -> bool:
    """Whether *user*, who signed in by *method*, needs no second factor of ours: *method* is the enforced way of an
    organization, and they are a contact and no staff (docs/decisions/0026-second-factors.md)."""
    with as_system(ctx) as system:
        own = (
            scope(system.actor, SignInWay)
            .join(Contact, Contact.organization_id == SignInWay.organization_id)
            .where(SignInWay.name == method, SignInWay.enabled, SignInWay.enforced)
            .where(Contact.user_id == user.id, Contact.active)
        )
        staff = scope(system.actor, StaffMember).where(StaffMember.user_id == user.id, StaffMember.active)
        counts = select(own.with_only_columns(SignInWay.id).exists(), staff.with_only_columns(StaffMember.id).exists())
        is_own, works_here = system.session.execute(counts).one()
    return bool(is_own and not works_here)
