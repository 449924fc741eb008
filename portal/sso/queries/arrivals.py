"""Who comes back from an identity provider, and what would happen: reads only, so that a test changes nothing. The
caller acts as the system."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from portal.authz.scopes import scope
from portal.identity.models import User
from portal.identity.queries import user_by_email
from portal.identity.registration_rules import ANYONE, APPROVAL, AUTOMATIC, find_registration_mode
from portal.kernel.context import Context
from portal.kernel.text import clean_line
from portal.sso.engine.addresses import is_address_proved
from portal.sso.engine.domains import domain_of
from portal.sso.engine.kinds import DIRECTORY, EMAIL_DOMAIN, GOOGLE, MICROSOFT, Claims
from portal.sso.models import LinkedSignIn, OrganizationDomain, SignInWay
from portal.sso.queries.ways import domain_row
from portal.sso.servers.refusals import SignInRefused
from portal.tenants.models import Contact, StaffMember

# What would happen. The first four sign somebody in.
KNOWN, LINK, JOIN, REGISTER = "known", "link", "join", "register"
SIGNS_IN = (KNOWN, LINK, JOIN, REGISTER)
RECYCLED, WAITING, UNPROVED, STRANGER, ENDED, STAFF = (
    *("recycled", "waiting", "unproved", "stranger", "ended", "staff"),
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who came back: the account at the identity provider, the address that it named, and whether it proves it.

    *rule*: the domain or directory by which a newcomer gets a place; None where newcomers get none.
    """

    issuer: str
    subject: str
    email: str
    name: str
    proved: bool
    sid: str = ""
    rule: OrganizationDomain | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What would happen to an arrival. *user*: whom it signs in, or whose address it has."""

    code: str
    user: User | None = None
    linked: LinkedSignIn | None = None

    @property
    def signs_in(self) -> bool:
        """Whether somebody is signed in."""
        return self.code in SIGNS_IN


def read_arrival(ctx: Context, way: SignInWay, claims: Claims) -> Arrival:
    """Who came back from *way* with *claims*. Raises SignInRefused for a directory that belongs to nobody here, or to
    another organization than the way."""
    email = clean_line(str(claims.get("email") or ""))[:320]
    domain = domain_row(ctx, EMAIL_DOMAIN, domain_of(email)) if domain_of(email) else None
    proved, rule = is_address_proved(way.kind, claims, email), domain
    if way.kind == MICROSOFT:
        rule = _find_directory(ctx, way, claims)
        # The address is believed only inside a domain that belongs to the same organization as the directory.
        proved = proved and domain is not None and domain.organization_id == rule.organization_id
        rule = domain if proved and domain is not None and domain.account_id is not None else rule
    elif way.kind == GOOGLE and domain is not None and claims.get("hd") != domain.value:
        rule = None  # somebody who gave their Google account the address of a company is not of the company
    if way.organization_id is not None:
        # An organization speaks for its own domains and for no others.
        proved = proved and domain is not None and domain.organization_id == way.organization_id
        rule = rule if rule is not None and rule.organization_id == way.organization_id else None
    if rule is not None and (rule.account_id is None or rule.organization is None or not rule.organization.active):
        rule = None
    sid = claims.get("sid")
    return Arrival(
        issuer=str(claims["iss"]),
        subject=str(claims["sub"]),
        email=email,
        name=_name_of(claims, email),
        proved=proved,
        sid=clean_line(sid)[:255] if isinstance(sid, str) else "",
        rule=rule if proved else None,
    )


def decide(ctx: Context, way: SignInWay, arrival: Arrival) -> Outcome:
    """What happens to *arrival*. A person is found by issuer and subject; the address only finds whom a first sign-in
    may belong to."""
    linked = find_linked(ctx, arrival)
    if linked is not None:
        user = ctx.session.get_one(User, linked.user_id)
        return Outcome(WAITING if linked.waiting else _check(ctx, way, user, KNOWN), user, linked)
    if not arrival.proved:
        return Outcome(UNPROVED)
    holder = user_by_email(ctx, arrival.email)
    if holder is None:
        if arrival.rule is not None:
            return Outcome(JOIN)
        mode = find_registration_mode(ctx, arrival.email)
        # Where only the provider is open to everybody, an organization's own way adds nobody.
        is_open = mode in (APPROVAL, AUTOMATIC) or (mode == ANYONE and way.organization_id is None)
        return Outcome(REGISTER if is_open else STRANGER)
    if _has_other_subject(ctx, holder, arrival):
        return Outcome(RECYCLED, holder)
    return Outcome(_check(ctx, way, holder, LINK), holder)


def find_linked(ctx: Context, arrival: Arrival) -> LinkedSignIn | None:
    """The sign-in with the issuer and subject of *arrival*."""
    rows = scope(ctx.actor, LinkedSignIn).where(
        LinkedSignIn.issuer == arrival.issuer, LinkedSignIn.subject == arrival.subject
    )
    return ctx.session.scalars(rows).one_or_none()


def is_member(ctx: Context, user: User, organization_id: Any) -> bool:
    """Whether *user* has a place in the organization now."""
    place = select(Contact.id).where(
        Contact.provider_id == ctx.provider_id,
        Contact.organization_id == organization_id,
        Contact.user_id == user.id,
        Contact.active,
    )
    return ctx.session.scalar(place) is not None


def is_staff(ctx: Context, user: User) -> bool:
    """Whether *user* works at the provider now."""
    place = select(StaffMember.id).where(
        StaffMember.provider_id == ctx.provider_id, StaffMember.user_id == user.id, StaffMember.active
    )
    return ctx.session.scalar(place) is not None


def _check(ctx: Context, way: SignInWay, user: User, code: str) -> str:
    """*code*, or why *user* is not signed in by *way*: a client's identity provider opens no desk."""
    if user.ended_at is not None:
        return ENDED
    if way.organization_id is not None and is_staff(ctx, user):
        return STAFF
    return code


def _has_other_subject(ctx: Context, holder: User, arrival: Arrival) -> bool:
    """Whether *holder* has another account at the same identity provider: then the address was given to somebody new,
    or the account was made anew."""
    rows = scope(ctx.actor, LinkedSignIn).where(
        LinkedSignIn.user_id == holder.id, LinkedSignIn.issuer == arrival.issuer, LinkedSignIn.waiting.is_(False)
    )
    return ctx.session.scalars(rows.limit(1)).one_or_none() is not None


def _find_directory(ctx: Context, way: SignInWay, claims: Claims) -> OrganizationDomain:
    row = domain_row(ctx, DIRECTORY, str(claims.get("tid") or "").lower()[:253])
    if row is None or (way.organization_id is not None and row.organization_id != way.organization_id):
        raise SignInRefused("directory")
    return row


def _name_of(claims: Claims, email: str) -> str:
    names = [claims.get("name"), " ".join(str(claims.get(part) or "") for part in ("given_name", "family_name"))]
    found = next((clean_line(one) for one in names if isinstance(one, str) and one.strip()), "")
    return found[:200] or email
