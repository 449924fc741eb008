"""The missing configuration of a provider: derived from the data, never stored. Counts start at scopes."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, Text, cast, exists, func, select

from portal.authz.scopes import scope
from portal.cases.models import CaseGrant, RequestType, SeverityLevel
from portal.identity.models import Password, User
from portal.kernel.actor import Actor
from portal.kernel.context import Context
from portal.kernel.outbox import Delivery, is_in_state
from portal.kernel.statement_cache import NOW, fetch_rows
from portal.tenants.models import (
    Account,
    AccountService,
    Contact,
    ContactAccess,
    Environment,
    Organization,
    StaffAccount,
    StaffMember,
)

NAMED = 3
# DESIGN 1: three or four levels of severity.
LEVELS = 3
INVITATION_LASTS = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class MissingItem:
    """One thing to mend: a code, how many objects it concerns, the first of them (label, key)."""

    code: str
    count: int = 1
    first: Sequence[tuple[str, str]] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class SetupProgress:
    """The numbers of configured objects."""

    organizations: int
    accounts: int
    environments: int
    people: int
    request_types: int
    staff: int


def _counts(statements: Iterable["Select[Any]"]) -> "Select[Any]":
    """How many rows each of *statements* has, in one statement."""
    return select(*(select(func.count()).select_from(one.subquery()).scalar_subquery() for one in statements))


def setup_progress(ctx: Context) -> SetupProgress:
    """Counts of what the actor may see."""
    return SetupProgress(*tuple(fetch_rows(ctx, _progress)[0]))


def _progress(actor: Actor) -> "Select[Any]":
    return _counts(
        [
            scope(actor, Organization).where(Organization.active),
            scope(actor, Account),
            scope(actor, Environment).where(Environment.active),
            scope(actor, Contact).where(Contact.active),
            scope(actor, RequestType).where(RequestType.active),
            scope(actor, StaffMember).where(StaffMember.active),
        ]
    )


@dataclass(frozen=True, slots=True)
class Check:
    """The check for a gap: *statement* lists the faulty rows, or the rows of which there must be at least *least*."""

    code: str
    statement: "Select[Any]"
    label: Any = None
    key: Any = None
    least: int = 0

    def find_item(self, ctx: Context, count: int) -> MissingItem | None:
        """The gap that *count* rows leave, None if there is none."""
        if self.least:
            return MissingItem(self.code) if count < self.least else None
        if not count:
            return None
        if self.label is None:
            return MissingItem(self.code, count)
        statement = self.statement.with_only_columns(self.label, self.key).order_by(func.lower(self.label))
        rows = ctx.session.execute(statement.limit(NAMED), {NOW.key: ctx.now})
        return MissingItem(self.code, count, tuple((str(row[0]), str(row[1])) for row in rows))


def missing_items(ctx: Context) -> list[MissingItem]:
    """What to mend, the worst first: one statement, and one more for each gap that names objects."""
    registers = ctx.provider.registration == "anyone"
    counts = fetch_rows(ctx, _missing_counts, registers)[0]
    checks = _checks(ctx.actor, registers)
    found = [check.find_item(ctx, count) for check, count in zip(checks, counts, strict=True)]
    if not (ctx.provider.support_phone or ctx.provider.support_email):
        found.append(MissingItem("no_support_ways"))
    return [gap for gap in found if gap is not None]


def _missing_counts(actor: Actor, registers: bool) -> "Select[Any]":
    return _counts(check.statement for check in _checks(actor, registers))


def _checks(actor: Actor, registers: bool) -> list[Check]:
    """All checks; *registers*: whether anyone may register."""
    return [
        *staff_checks(actor),
        *organization_checks(actor),
        *request_type_checks(actor),
        *people_checks(actor, registers),
        *job_checks(actor),
    ]


def staff_checks(actor: Actor) -> list[Check]:
    answering = scope(actor, StaffMember).where(StaffMember.active, StaffMember.role.in_(("agent", "lead", "admin")))
    return [Check("no_answering_staff", answering, least=1)]


def organization_checks(actor: Actor) -> list[Check]:
    """Organizations without accounts or people who sign in; accounts without environments or suspended."""
    active = scope(actor, Organization).where(Organization.active)
    accounts = (
        scope(actor, Account).join(Organization, Organization.id == Account.organization_id).where(Organization.active)
    )
    has_account = exists().where(Account.organization_id == Organization.id)
    belongs = (Contact.organization_id == Organization.id, Contact.active)
    signs_in = exists().where(*belongs, Password.user_id == Contact.user_id)
    looks_after = exists().where(
        *belongs, ContactAccess.contact_id == Contact.id, ContactAccess.role == "organization_admin"
    )
    has_environment = exists().where(Environment.account_id == Account.id, Environment.active)
    organization, account = (Organization.name, Organization.slug), (Account.name, Account.key)
    nobody_signs_in = active.where(has_account, ~signs_in)
    no_administrator = active.where(has_account, signs_in, ~looks_after)
    return [
        Check("no_accounts", active.where(~has_account), *organization),
        Check("nobody_signs_in", nobody_signs_in, *organization),
        Check("no_administrator", no_administrator, *organization),
        Check("no_environments", accounts.where(~has_environment), *account),
        Check("suspended", accounts.where(Account.suspended != ""), *account),
    ]


def request_type_checks(actor: Actor) -> list[Check]:
    """No request types, types that nobody can open, too few severity levels."""
    kinds = scope(actor, RequestType).where(RequestType.active)
    bought = exists().where(AccountService.service_id == RequestType.requires_service_id)
    unreachable = kinds.where(RequestType.requires_service_id.is_not(None), ~bought)
    return [
        Check("no_request_types", kinds, least=1),
        Check("no_severity", scope(actor, SeverityLevel), least=LEVELS),
        Check("unreachable_types", unreachable, RequestType.name, RequestType.id),
    ]


def people_checks(actor: Actor, registers: bool) -> list[Check]:
    """Contacts without access, invitations that ran out, staff who look after nothing."""
    members = (
        scope(actor, Contact)
        .join(User, User.id == Contact.user_id)
        .join(Organization, Organization.id == Contact.organization_id)
        .where(Contact.active, Organization.active)
    )
    key = Organization.slug.concat("/people/").concat(cast(Contact.id, Text))
    placeless = scope(actor, User).where(
        User.ended_at.is_(None),
        exists().where(Password.user_id == User.id),
        ~exists().where(Contact.user_id == User.id),
        ~exists().where(StaffMember.user_id == User.id),
        ~exists().where(CaseGrant.user_id == User.id),
    )
    no_password = ~exists().where(Password.user_id == Contact.user_id)
    stale = members.where(no_password, User.invited_at < NOW - INVITATION_LASTS)
    no_access = members.where(~exists().where(ContactAccess.contact_id == Contact.id))
    idle = (
        scope(actor, StaffMember)
        .join(User, User.id == StaffMember.user_id)
        .where(
            StaffMember.active,
            StaffMember.all_accounts.is_(False),
            ~exists().where(StaffAccount.staff_id == StaffMember.id),
        )
    )
    registered = [Check("registered", placeless, User.name, User.id)]
    return [
        *(registered if registers else []),
        Check("no_access", no_access, User.name, key),
        Check("invitations_over", stale, User.name, key),
        Check("staff_without_accounts", idle, User.name, StaffMember.id),
    ]


def job_checks(actor: Actor) -> list[Check]:
    """Work that failed for good."""
    return [Check("failed_jobs", scope(actor, Delivery).where(is_in_state("dead")))]
