"""What is still missing before people can work: derived from the data, never kept. Counts start at scopes."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, Text, cast, exists, func, select

from portal.authz.scopes import scope
from portal.cases.models import RequestType, SeverityLevel
from portal.identity.models import Password, User
from portal.kernel.context import Context
from portal.kernel.outbox import Delivery
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
INVITATION_LASTS = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing to mend: a code, how many objects it concerns, the first of them (label, key)."""

    code: str
    count: int = 1
    first: Sequence[tuple[str, str]] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of everything there is: drives the checklist of the first day."""

    organizations: int
    accounts: int
    environments: int
    people: int
    request_types: int
    staff: int

    @property
    def begun(self) -> bool:
        """Whether a client can already work."""
        return bool(self.accounts and self.people and self.request_types)


def _count(ctx: Context, statement: "Select[Any]") -> int:
    return ctx.session.scalar(select(func.count()).select_from(statement.subquery())) or 0


def progress(ctx: Context) -> Progress:
    """Counts of what the actor may see."""
    return Progress(
        organizations=_count(ctx, scope(ctx.actor, Organization).where(Organization.active)),
        accounts=_count(ctx, scope(ctx.actor, Account)),
        environments=_count(ctx, scope(ctx.actor, Environment).where(Environment.active)),
        people=_count(ctx, scope(ctx.actor, Contact).where(Contact.active)),
        request_types=_count(ctx, scope(ctx.actor, RequestType).where(RequestType.active)),
        staff=_count(ctx, scope(ctx.actor, StaffMember).where(StaffMember.active)),
    )


def _gap(ctx: Context, code: str, statement: "Select[Any]", label: Any, key: Any) -> list[Gap]:
    count = _count(ctx, statement)
    if not count:
        return []
    rows = ctx.session.execute(statement.with_only_columns(label, key).order_by(func.lower(label)).limit(NAMED))
    return [Gap(code, count, tuple((str(row[0]), str(row[1])) for row in rows))]


def gaps(ctx: Context) -> list[Gap]:
    """What to mend, the worst first: a fixed number of statements."""
    return [*nobody_answers(ctx), *clients(ctx), *catalogue(ctx), *people(ctx), *house(ctx)]


def nobody_answers(ctx: Context) -> list[Gap]:
    answering = scope(ctx.actor, StaffMember).where(
        StaffMember.active, StaffMember.role.in_(("agent", "lead", "admin"))
    )
    return [] if _count(ctx, answering) else [Gap("no_answering_staff")]


def clients(ctx: Context) -> list[Gap]:
    """Organizations without accounts or people who sign in; accounts without environments or suspended."""
    active = scope(ctx.actor, Organization).where(Organization.active)
    accounts = (
        scope(ctx.actor, Account)
        .join(Organization, Organization.id == Account.organization_id)
        .where(Organization.active)
    )
    has_account = exists().where(Account.organization_id == Organization.id)
    belongs = (Contact.organization_id == Organization.id, Contact.active)
    signs_in = exists().where(*belongs, Password.user_id == Contact.user_id)
    looks_after = exists().where(
        *belongs, ContactAccess.contact_id == Contact.id, ContactAccess.role == "organization_admin"
    )
    has_environment = exists().where(Environment.account_id == Account.id, Environment.active)
    return [
        *_gap(ctx, "no_accounts", active.where(~has_account), Organization.name, Organization.slug),
        *_gap(ctx, "nobody_signs_in", active.where(has_account, ~signs_in), Organization.name, Organization.slug),
        *_gap(
            ctx,
            "no_administrator",
            active.where(has_account, signs_in, ~looks_after),
            Organization.name,
            Organization.slug,
        ),
        *_gap(ctx, "no_environments", accounts.where(~has_environment), Account.name, Account.key),
        *_gap(ctx, "suspended", accounts.where(Account.suspended != ""), Account.name, Account.key),
    ]


def catalogue(ctx: Context) -> list[Gap]:
    """No request types, types that nobody can open, too few severity levels."""
    kinds = scope(ctx.actor, RequestType).where(RequestType.active)
    found = [] if _count(ctx, kinds) else [Gap("no_request_types")]
    if _count(ctx, scope(ctx.actor, SeverityLevel)) < 3:
        found.append(Gap("no_severity"))
    bought = exists().where(AccountService.service_id == RequestType.requires_service_id)
    unreachable = kinds.where(RequestType.requires_service_id.is_not(None), ~bought)
    return found + _gap(ctx, "unreachable_types", unreachable, RequestType.name, RequestType.id)


def people(ctx: Context) -> list[Gap]:
    """Contacts without access, invitations that ran out, staff who look after nothing."""
    members = (
        scope(ctx.actor, Contact)
        .join(User, User.id == Contact.user_id)
        .join(Organization, Organization.id == Contact.organization_id)
        .where(Contact.active, Organization.active)
    )
    key = Organization.slug.concat("/people/").concat(cast(Contact.id, Text))
    no_password = ~exists().where(Password.user_id == Contact.user_id)
    stale = members.where(no_password, User.invited_at < ctx.now - INVITATION_LASTS)
    no_access = members.where(~exists().where(ContactAccess.contact_id == Contact.id))
    idle = (
        scope(ctx.actor, StaffMember)
        .join(User, User.id == StaffMember.user_id)
        .where(
            StaffMember.active,
            StaffMember.all_accounts.is_(False),
            ~exists().where(StaffAccount.staff_id == StaffMember.id),
        )
    )
    return [
        *_gap(ctx, "no_access", no_access, User.name, key),
        *_gap(ctx, "invitations_over", stale, User.name, key),
        *_gap(ctx, "staff_without_accounts", idle, User.name, StaffMember.id),
    ]


def house(ctx: Context) -> list[Gap]:
    """Nothing to call or write to, and work that failed for good."""
    found = []
    if not (ctx.provider.support_phone or ctx.provider.support_email):
        found.append(Gap("no_support_ways"))
    dead = _count(ctx, scope(ctx.actor, Delivery).where(Delivery.state == "dead"))
    if dead:
        found.append(Gap("failed_jobs", dead))
    return found
