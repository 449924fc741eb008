"""Organizations, their accounts and environments."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import func, select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.roles import ContactRole
from portal.kernel import text
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.tenants.actions import people
from portal.tenants.models import (
    Account,
    AccountAlias,
    AccountCounter,
    AccountService,
    Environment,
    Organization,
    StaffMember,
)

KEY = re.compile(r"[A-Z][A-Z0-9]{1,9}")
# What an organization decides by itself.
SHARING_RULES = ("default_visibility", "admins_see_private", "requesters_see_shared")


def add_organization(ctx: Context, *, name: str, default_visibility: str = "private") -> Organization:
    """A new client company; its slug is made from the name; records `organization.added`.

    Raises Refused for a name that another client already has.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    _check_free_name(ctx, name)
    base = text.slugify(name) or "client"
    taken = set(
        ctx.session.scalars(
            select(Organization.slug).where(
                Organization.provider_id == ctx.provider_id, Organization.slug.startswith(base)
            )
        )
    )
    # "new" is the page that adds one.
    taken.add("new")
    slug, n = base, 2
    while slug in taken:
        slug, n = f"{base[:56]}-{n}", n + 1
    row = Organization(
        provider_id=ctx.provider_id, name=name, slug=slug, default_visibility=default_visibility, created_at=ctx.now
    )
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "organization.added", row, name=name)
    return row


def change_organization(ctx: Context, organization: Organization, **values: object) -> None:
    """Change name or sharing rules; records `organization.changed` with old and new.

    The provider's administrators change all of it, the organization's own only the sharing rules.
    """
    if not ctx.actor.is_contact:
        require(ctx.actor, Permission.PROVIDER_CONFIGURE)
        if str(values.get("name", organization.name)).casefold() != organization.name.casefold():
            _check_free_name(ctx, str(values["name"]))
    else:
        require(ctx.actor, Permission.ORGANIZATION_RULES, organization)
        values = {k: v for k, v in values.items() if k in SHARING_RULES}
    changed = {k: [getattr(organization, k), v] for k, v in values.items() if getattr(organization, k) != v}
    for key, value in values.items():
        setattr(organization, key, value)
    if changed:
        organization.version += 1
        record(ctx, "organization.changed", organization, changed=changed)


def _check_free_name(ctx: Context, name: str) -> None:
    same = select(Organization.id).where(
        Organization.provider_id == ctx.provider_id, func.lower(Organization.name) == name.lower()
    )
    if ctx.session.scalar(same.limit(1)):
        raise Refused(_("There is already an organization named %(name)s", name=name), "name")


def free_key(ctx: Context, key: str) -> str:
    """*key* in upper case if it may become an account key. Raises Refused for a bad or taken one."""
    key = text.clean_line(key).upper()
    if not KEY.fullmatch(key):
        raise Refused(_("A key is 2 to 10 letters and digits and starts with a letter, for example ACME"), "key")
    account = select(Account.id).where(Account.provider_id == ctx.provider_id, Account.key == key)
    alias = select(AccountAlias.id).where(AccountAlias.provider_id == ctx.provider_id, AccountAlias.key == key)
    if ctx.session.scalar(account) or ctx.session.scalar(alias):
        raise Refused(_("%(key)s is or was the key of another account. Case numbers are for ever", key=key), "key")
    return key


def add_account(ctx: Context, organization: Organization, *, key: str, name: str) -> Account:
    """A service account of *organization*; its cases count from 1; records `account.added`."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    row = Account(
        provider_id=ctx.provider_id,
        organization_id=organization.id,
        key=free_key(ctx, key),
        name=name,
        created_at=ctx.now,
    )
    ctx.session.add(row)
    ctx.session.flush()
    ctx.session.add(AccountCounter(provider_id=ctx.provider_id, organization_id=organization.id, account_id=row.id))
    ctx.session.flush()
    record(ctx, "account.added", row, key=row.key, name=name)
    return row


def set_account_manager(ctx: Context, account: Account, staff_id: Id | None) -> None:
    """Name the account manager, whom the client knows and escalations tell (None: nobody); records
    `account.manager_set`. Refused for somebody who does not work here."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    known = select(StaffMember.id).where(StaffMember.id == staff_id, StaffMember.active)
    if staff_id is not None and ctx.session.scalar(known) is None:
        raise Refused(_("Choose somebody who works here"), "manager")
    if account.manager_id != staff_id:
        before, account.manager_id = account.manager_id, staff_id
        account.version += 1
        ctx.session.flush()
        record(ctx, "account.manager_set", account, manager=[str(before or ""), str(staff_id or "")])


def change_account(
    ctx: Context, account: Account, *, key: str, name: str, suspended: str, services: Iterable[Id]
) -> None:
    """Rename, suspend or serve differently; a former key stays as an alias; records `account.changed`.

    A key that this very account had before may come back.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    facts: dict[str, object] = {}
    if key.strip().upper() != account.key:
        new = _take_back(ctx, account, key) or free_key(ctx, key)
        ctx.session.add(
            AccountAlias(
                provider_id=ctx.provider_id,
                organization_id=account.organization_id,
                account_id=account.id,
                key=account.key,
            )
        )
        facts["key"] = [account.key, new]
        account.key = new
    for column, value in (("name", name), ("suspended", suspended)):
        if getattr(account, column) != value:
            facts[column] = [getattr(account, column), value]
            setattr(account, column, value)
    bought = {
        row.service_id: row
        for row in ctx.session.scalars(select(AccountService).where(AccountService.account_id == account.id))
    }
    wanted = set(services)
    for service_id, row in bought.items():
        if service_id not in wanted:
            ctx.session.delete(row)
    for service_id in wanted - set(bought):
        ctx.session.add(
            AccountService(
                provider_id=ctx.provider_id,
                organization_id=account.organization_id,
                account_id=account.id,
                service_id=service_id,
            )
        )
    if wanted != set(bought):
        facts["services"] = [len(bought), len(wanted)]
    if facts:
        account.version += 1
        ctx.session.flush()
        record(ctx, "account.changed", account, changed=facts)


def _take_back(ctx: Context, account: Account, key: str) -> str:
    """*key* if it was this account's own before (the alias goes, since the key itself answers again), else ''."""
    own = ctx.session.scalars(
        select(AccountAlias).where(AccountAlias.account_id == account.id, AccountAlias.key == key.strip().upper())
    ).one_or_none()
    if own is None:
        return ""
    ctx.session.delete(own)
    ctx.session.flush()
    return own.key


@dataclass(frozen=True, slots=True)
class FirstAdmin:
    """Who looks after a new account's people from the first day."""

    name: str
    email: str
    invite: bool = True


def open_client(
    ctx: Context,
    *,
    organization: Organization | None,
    organization_name: str,
    key: str,
    name: str,
    environment: str = "",
    kind: str = "production",
    admin: FirstAdmin | None = None,
) -> Account:
    """An account with all it needs to begin, in one step: its company if that is new, a first environment, a first
    administrator. Each part records its own event. Raises Refused with the field of the part that cannot be."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if organization is None:
        with as_field("organization_name"):
            organization = add_organization(ctx, name=organization_name)
    account = add_account(ctx, organization, key=key, name=name or organization.name)
    if environment:
        with as_field("environment"):
            add_environment(ctx, account, name=environment, kind=kind)
    if admin is not None:
        grants = [people.Grant(account.id, None, ContactRole.ORGANIZATION_ADMIN)]
        with as_field("admin_email"):
            people.add_somebody(
                ctx, organization, name=admin.name, email=admin.email, grants=grants, invite=admin.invite
            )
    return account


@contextmanager
def as_field(field: str) -> Iterator[None]:
    """What is refused inside is shown beside *field* of a form that holds several objects."""
    try:
        yield
    except Refused as refusal:
        raise Refused(refusal.message, field) from None


def add_environment(ctx: Context, account: Account, *, name: str, kind: str = "production") -> Environment:
    """A place where people of *account* work; records `environment.added`. Raises Refused for a name it already has."""
    _may_change_environments(ctx, account)
    same = select(Environment.id).where(Environment.account_id == account.id, Environment.name == name)
    if ctx.session.scalar(same):
        raise Refused(_("%(account)s already has an environment of that name", account=account.name), "name")
    row = Environment(
        provider_id=ctx.provider_id,
        organization_id=account.organization_id,
        account_id=account.id,
        name=name,
        kind=kind,
    )
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "environment.added", row, name=name, kind=kind)
    return row


def change_environment(ctx: Context, environment: Environment, *, name: str, kind: str, active: bool) -> None:
    """Rename, re-kind or retire an environment; cases keep it; records `environment.changed`."""
    _may_change_environments(ctx, environment)
    same = select(Environment.id).where(
        Environment.account_id == environment.account_id, Environment.name == name, Environment.id != environment.id
    )
    if ctx.session.scalar(same):
        raise Refused(_("There is already an environment of that name"), "name")
    environment.name, environment.kind, environment.active = name, kind, active
    record(ctx, "environment.changed", environment, name=name, kind=kind, active=active)


def _may_change_environments(ctx: Context, place: object) -> None:
    permission = Permission.ORGANIZATION_ENVIRONMENTS if ctx.actor.is_contact else Permission.PROVIDER_CONFIGURE
    require(ctx.actor, permission, place)
