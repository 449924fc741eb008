"""Adding and changing service accounts."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.roles import ContactRole
from portal.kernel import text
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.tenants.actions import contacts as contact_actions
from portal.tenants.actions.environments import add_environment
from portal.tenants.actions.organizations import add_organization
from portal.tenants.models import (
    Account,
    AccountAlias,
    AccountCounter,
    AccountService,
    Organization,
    StaffMember,
)

KEY = re.compile(r"[A-Z][A-Z0-9]{1,9}")


def check_free_key(ctx: Context, key: str) -> str:
    """*key* in upper case if it may become an account key. Raises Refused for a bad or taken one."""
    key = text.clean_line(key).upper()
    if not KEY.fullmatch(key):
        raise Refused(_("A key is 2 to 10 letters and digits and starts with a letter, for example ACME"), "key")
    account = select(Account.id).where(Account.provider_id == ctx.provider_id, Account.key == key)
    alias = select(AccountAlias.id).where(AccountAlias.provider_id == ctx.provider_id, AccountAlias.key == key)
    if ctx.session.scalar(account) or ctx.session.scalar(alias):
        raise Refused(_("%(key)s is or was the key of another account. Case numbers never change", key=key), "key")
    return key


def add_account(ctx: Context, organization: Organization, *, key: str, name: str) -> Account:
    """A service account of *organization*; its cases count from 1; records `account.added`."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    row = Account(
        provider_id=ctx.provider_id,
        organization_id=organization.id,
        key=check_free_key(ctx, key),
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
    `account.manager_set`. Refused for somebody new who does not work here."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if account.manager_id == staff_id:
        return
    known = select(StaffMember.id).where(
        StaffMember.provider_id == ctx.provider_id, StaffMember.id == staff_id, StaffMember.active
    )
    if staff_id is not None and ctx.session.scalar(known) is None:
        raise Refused(_("Choose a member of your team"), "manager")
    before, account.manager_id = account.manager_id, staff_id
    account.version += 1
    ctx.session.flush()
    record(ctx, "account.manager_set", account, manager=[str(before or ""), str(staff_id or "")])


def set_severity_floor(ctx: Context, account: Account, rank: int | None) -> None:
    """Cases of a very important account are at least of *rank* from now on (None: as everybody's); records
    `account.floor_set`. Refused for a rank outside 1 to 4."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    contact_actions.check_floor(rank)
    if account.severity_floor != rank:
        before, account.severity_floor = account.severity_floor, rank
        account.version += 1
        ctx.session.flush()
        record(ctx, "account.floor_set", account, floor=[before, rank])


def set_question_days(
    ctx: Context, account: Account, *, first: int | None, second: int | None, proposal: int | None
) -> None:
    """Days after a question on a case of *account*: two reminders and the proposal to resolve (0: none, None: as the
    provider's); records `account.question_days_set`."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    wanted = {"first_reminder_days": first, "second_reminder_days": second, "proposal_days": proposal}
    changed = {name: [getattr(account, name), days] for name, days in wanted.items() if getattr(account, name) != days}
    if not changed:
        return
    for name, days in wanted.items():
        setattr(account, name, days)
    account.version += 1
    ctx.session.flush()
    record(ctx, "account.question_days_set", account, changed=changed)


def change_account(
    ctx: Context, account: Account, *, key: str, name: str, suspended: str, services: Iterable[Id]
) -> None:
    """Rename, suspend or serve differently; a former key stays as an alias; records `account.changed`.

    A key that this very account had before may come back.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    facts: dict[str, object] = {}
    if key.strip().upper() != account.key:
        new = _reclaim_alias(ctx, account, key) or check_free_key(ctx, key)
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


def _reclaim_alias(ctx: Context, account: Account, key: str) -> str:
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
    """The first administrator of a new account's people."""

    name: str
    email: str
    invite: bool = True


def open_account(
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
    """Add an account with all it needs, in one step: its organization if that is new, a first environment, a first
    administrator. Each part records its own event. Raises Refused with the field of the part that cannot be."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if organization is None:
        with refusals_on_field("organization_name"):
            organization = add_organization(ctx, name=organization_name)
    account = add_account(ctx, organization, key=key, name=name or organization.name)
    if environment:
        with refusals_on_field("environment"):
            add_environment(ctx, account, name=environment, kind=kind)
    if admin is not None:
        grants = [contact_actions.Grant(account.id, None, ContactRole.ORGANIZATION_ADMIN)]
        with refusals_on_field("admin_email"):
            contact_actions.add_contact_by_email(
                ctx, organization, name=admin.name, email=admin.email, grants=grants, invite=admin.invite
            )
    return account


@contextmanager
def refusals_on_field(field: str) -> Iterator[None]:
    """Name *field* in each Refused raised inside the block: for a form that holds several objects."""
    try:
        yield
    except Refused as refusal:
        raise Refused(refusal.message, field) from None
