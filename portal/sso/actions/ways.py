"""Setting up ways to sign in, and the domains and directories of organizations."""

from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy import delete, select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.identity import actions as identity
from portal.identity.models import User
from portal.kernel import text
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.encryption import encrypt
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.kernel.system_context import as_system
from portal.sso.engine.domains import FREEMAIL, clean_domain
from portal.sso.engine.kinds import DIRECTORY, EMAIL_DOMAIN, GOOGLE, MICROSOFT, OPENID, is_directory
from portal.sso.models import LinkedSignIn, OrganizationDomain, SignInWay
from portal.sso.queries import ways as queries
from portal.sso.rules import ARRIVAL_ROLES, Issuers, is_service_address, is_way_name
from portal.sso.servers import openid
from portal.sso.servers.refusals import SignInRefused
from portal.tenants.models import Account, Contact, Organization


@dataclass(frozen=True, slots=True)
class WayFacts:
    """A way to sign in as it should be. An empty *client_secret* keeps the stored one."""

    name: str
    label: str
    kind: str = OPENID
    issuer: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    organization_id: Id | None = None
    enabled: bool = False
    enforced: bool = False


def add_way(ctx: Context, facts: WayFacts, issuers: Issuers, *, untested: bool = False) -> SignInWay:
    """A new way to sign in; records `sign_in_way.added`. It is off until it was tested, unless *untested* (an operator
    at the command line). Raises Refused (name, label, issuer, client_id, client_secret, enabled, enforced)."""
    require(ctx.actor, Permission.PROVIDER_CONNECT)
    if not is_way_name(facts.name):
        raise Refused(_("Use 3 to 40 small letters, digits and hyphens, such as acme-entra"), "name")
    same = select(SignInWay.id).where(SignInWay.provider_id == ctx.provider_id, SignInWay.name == facts.name)
    if ctx.session.scalar(same) is not None:
        raise Refused(_("There is already a way to sign in with this name"), "name")
    row = SignInWay(provider_id=ctx.provider_id, name=facts.name, created_at=ctx.now, client_secret="")
    _write(ctx, row, facts, issuers, untested=untested)
    ctx.session.add(row)
    ctx.session.flush()
    _store_secret(row, facts.client_secret)
    _store_origin(ctx, row, issuers)
    _add_directory(ctx, row, facts, issuers)
    ctx.session.flush()
    record(ctx, "sign_in_way.added", row, name=row.name, issuer=issuers.issuer_of(row), enforced=row.enforced)
    return row


def change_way(ctx: Context, row: SignInWay, facts: WayFacts, issuers: Issuers) -> None:
    """Change a way to sign in; records `sign_in_way.changed`. Another issuer or application must be tested again; until
    then it is off. Raises Refused as `add_way` does."""
    require(ctx.actor, Permission.PROVIDER_CONNECT)
    before = (row.kind, row.issuer, row.client_id)
    was = {"enabled": row.enabled, "enforced": row.enforced}
    _write(ctx, row, facts, issuers)
    if facts.client_secret:
        _store_secret(row, facts.client_secret)
    if (row.kind, row.issuer, row.client_id) != before:
        # The stored secret belongs to the other application, and what was tested is another way now.
        if not facts.client_secret:
            row.client_secret = ""
        row.tested_at, row.enabled, row.authorize_origin = None, False, ""
    _store_origin(ctx, row, issuers)
    row.version += 1
    ctx.session.flush()
    now = {"enabled": row.enabled, "enforced": row.enforced}
    changed = {name: [was[name], value] for name, value in now.items() if was[name] != value}
    record(ctx, "sign_in_way.changed", row, name=row.name, issuer=issuers.issuer_of(row), changed=changed)


def delete_way(ctx: Context, row: SignInWay) -> None:
    """Remove a way to sign in with the sign-ins that people have there; records `sign_in_way.deleted`. Their people and
    sessions stay."""
    require(ctx.actor, Permission.PROVIDER_CONNECT)
    record(ctx, "sign_in_way.deleted", row, name=row.name)
    ctx.session.execute(
        delete(LinkedSignIn)
        .where(LinkedSignIn.provider_id == ctx.provider_id, LinkedSignIn.way_id == row.id)
        .execution_options(synchronize_session=False)
    )
    ctx.session.delete(row)
    ctx.session.flush()


def require_from_now(ctx: Context, row: SignInWay) -> None:
    """End the sessions of members of the organization that came in another way than *row*, which it requires now."""
    require(ctx.actor, Permission.PROVIDER_CONNECT)
    with as_system(ctx, with_own_rows=True) as system:
        members = system.session.scalars(
            select(User)
            .join(Contact, Contact.user_id == User.id)
            .where(Contact.organization_id == row.organization_id, Contact.active)
        )
        for user in members.all():
            if any(one.id == row.id for one in queries.enforced_ways(system, user)):
                identity.end_sessions(system, user, except_method=row.name)


def forget_answers() -> None:
    """Ask identity providers anew: somebody tests what was just changed there."""
    openid.forget_descriptions()


def mark_tested(ctx: Context, row: SignInWay) -> None:
    """Note that somebody came back from *row* with a valid answer; records `sign_in_way.tested`."""
    row.tested_at = ctx.now
    ctx.session.flush()
    record(ctx, "sign_in_way.tested", row, name=row.name)


def add_domain(
    ctx: Context, organization: Organization | None, kind: str, value: str, *, account_id: Id | None, role: str
) -> OrganizationDomain:
    """Let a domain of addresses or a directory belong to *organization* (None: the provider itself); people who arrive
    with it get *role* in the account (None: nobody is added). Records `organization.domain_added`.

    Raises Refused (value, account, role).
    """
    require(ctx.actor, Permission.PROVIDER_CONNECT)
    value = _check_value(kind, value)
    taken = select(OrganizationDomain).where(
        OrganizationDomain.provider_id == ctx.provider_id,
        OrganizationDomain.kind == kind,
        OrganizationDomain.value == value,
    )
    if ctx.session.scalar(taken.limit(1)) is not None:
        raise Refused(_("%(domain)s is listed already", domain=value), "value")
    if role not in ARRIVAL_ROLES:
        raise Refused(_("Choose a role"), "role")
    if account_id is not None and (
        organization is None
        or ctx.session.scalar(
            select(Account.id).where(Account.id == account_id, Account.organization_id == organization.id)
        )
        is None
    ):
        raise Refused(_("Choose an account of this organization"), "account")
    row = OrganizationDomain(
        provider_id=ctx.provider_id,
        organization_id=organization.id if organization is not None else None,
        kind=kind,
        value=value,
        account_id=account_id,
        role=role,
        created_at=ctx.now,
    )
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "organization.domain_added", organization or row, domain=value)
    return row


def remove_domain(ctx: Context, row: OrganizationDomain) -> None:
    """A domain or directory belongs to nobody from now on; records `organization.domain_removed`."""
    require(ctx.actor, Permission.PROVIDER_CONNECT)
    record(ctx, "organization.domain_removed", row, domain=row.value)
    ctx.session.delete(row)
    ctx.session.flush()


def first_account(ctx: Context, organization: Organization) -> Id | None:
    """The account that newcomers get where nobody chose one: the oldest of the organization."""
    rows = select(Account.id).where(Account.organization_id == organization.id).order_by(Account.id).limit(1)
    return ctx.session.scalar(rows)


def _write(ctx: Context, row: SignInWay, facts: WayFacts, issuers: Issuers, *, untested: bool = False) -> None:
    label = text.clean_line(facts.label)[:80]
    if not label:
        raise Refused(_("Write what people read on the button"), "label")
    if not facts.client_id or not facts.client_id.isprintable() or len(facts.client_id) > 300:
        raise Refused(_("Write the client ID that the identity provider shows"), "client_id")
    if not facts.client_secret.isprintable() or len(facts.client_secret) > 2000:
        raise Refused(_("Paste the client secret again: it has characters that cannot be read"), "client_secret")
    kind, issuer = facts.kind, facts.issuer.rstrip("/")
    if kind == OPENID and issuers.find_directory(issuer):
        kind, issuer = MICROSOFT, ""
    if kind in (GOOGLE, MICROSOFT) and issuer == issuers.issuer_of(SignInWay(kind=kind, issuer="")):
        issuer = ""
    if kind not in (GOOGLE, MICROSOFT, OPENID) or (kind == OPENID and not issuer):
        raise Refused(_("Write the issuer that the identity provider shows"), "issuer")
    if issuer and not is_service_address(issuer):
        raise Refused(_("The issuer must look like https://login.example.com, without spaces"), "issuer")
    if facts.organization_id is not None and ctx.session.get(Organization, facts.organization_id) is None:
        raise Refused(_("Choose an organization"), "organization")
    if facts.enforced and facts.organization_id is None:
        raise Refused(
            _("Only an organization's own sign-in can be required. Support staff can always use a password"), "enforced"
        )
    if facts.enabled and row.tested_at is None and not untested:
        raise Refused(_("Test it first. Nobody can sign in this way until a test succeeds"), "enabled")
    if facts.enforced and not facts.enabled:
        raise Refused(_("Switch it on to require it"), "enforced")
    row.label, row.kind, row.issuer, row.client_id = label, kind, issuer, facts.client_id
    row.organization_id, row.enabled, row.enforced = facts.organization_id, facts.enabled, facts.enforced


def _store_secret(row: SignInWay, secret: str) -> None:
    row.client_secret = encrypt(secret, row.secret_purpose) if secret else ""


def _store_origin(ctx: Context, row: SignInWay, issuers: Issuers) -> None:
    """Note where browsers will be sent, for the policy of the forms that lead there. A provider that does not answer
    now is found out by the test."""
    try:
        row.authorize_origin = openid.describe(queries.client_of(ctx, row, issuers)).origin
    except SignInRefused:
        row.authorize_origin = row.authorize_origin or ""


def _add_directory(ctx: Context, row: SignInWay, facts: WayFacts, issuers: Issuers) -> None:
    """The issuer of a directory of Microsoft names it: it belongs to the organization."""
    directory = issuers.find_directory(facts.issuer.rstrip("/"))
    if directory and row.kind == MICROSOFT and queries.domain_row(ctx, DIRECTORY, directory) is None:
        organization = ctx.session.get(Organization, row.organization_id) if row.organization_id else None
        account_id = first_account(ctx, organization) if organization is not None else None
        add_domain(ctx, organization, DIRECTORY, directory, account_id=account_id, role=ARRIVAL_ROLES[0])


def _check_value(kind: str, value: str) -> str:
    if kind == DIRECTORY:
        value = value.strip().lower()
        if not is_directory(value):
            raise Refused(_("Write the directory's ID, such as 72f988bf-86f1-41af-91ab-2d7cd011db47"), "value")
        return value
    if kind != EMAIL_DOMAIN:
        raise Refused(_("Choose one of the answers shown"), "kind")
    domain = clean_domain(value)
    if not domain:
        raise Refused(_("Write a domain, such as acme.com"), "value")
    if domain in FREEMAIL:
        raise Refused(
            _("Anybody can get an address at %(domain)s, so it cannot belong to one organization", domain=domain),
            "value",
        )
    return domain
