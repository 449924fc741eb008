"""The policy and calendar of an account, and the assignment they come from."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Uuid, bindparam
from sqlalchemy.orm import aliased, joinedload

from portal.authz.scopes import scope
from portal.kernel.actor import Actor, Id
from portal.kernel.context import Context
from portal.kernel.statement_cache import cached_select
from portal.kernel.system_context import as_system
from portal.sla.engine.calendar import Calendar
from portal.sla.engine.policy import Policy
from portal.sla.models import Assignment, CalendarVersion, PolicyVersion, SlaCalendar, SlaPolicy
from portal.sla.rule_versions import RuleVersions
from portal.tenants.models import Account

# The sources of an effective value.
SOURCES = ("account", "organization", "provider", "policy", "")


@dataclass(frozen=True, slots=True)
class EffectiveRules:
    """The rules of one account: versions by id, names for people, and the source of each: 'account', 'organization',
    'provider', or for the calendar 'policy' (its own). Without a policy there is no promise."""

    policy_id: Id | None = None
    policy_version: Id | None = None
    policy_name: str = ""
    policy_source: str = ""
    calendar_id: Id | None = None
    calendar_version: Id | None = None
    calendar_name: str = ""
    calendar_source: str = ""

    @property
    def agreed(self) -> bool:
        """Whether there is any promise."""
        return self.policy_version is not None


@dataclass(frozen=True, slots=True)
class AssignedRules:
    """One assignment with the current versions of its policy and calendar."""

    organization_id: Id | None
    account_id: Id | None
    policy: tuple[Id, Id, str] | None
    own_calendar: tuple[Id, Id, str] | None
    calendar: tuple[Id, Id, str] | None

    @property
    def source(self) -> str:
        return "account" if self.account_id else "organization" if self.organization_id else "provider"


def assigned_rules(ctx: Context, organization_ids: Iterable[Id] | None = None) -> list[AssignedRules]:
    """The assignments that the actor may see, with their current versions; one statement. With *organization_ids*, only
    those that apply to these."""
    named = None if organization_ids is None else list(organization_ids)
    statement = cached_select(ctx, _assignments_select, named is not None)
    rows = ctx.session.execute(statement, {} if named is None else {"organization_ids": named})
    return [
        AssignedRules(row[0], row[1], _named_version(row[2:5]), _named_version(row[5:8]), _named_version(row[8:11]))
        for row in rows
    ]


def _assignments_select(actor: Actor, narrowed: bool) -> "Select[Any]":
    version, own, own_version = aliased(PolicyVersion), aliased(SlaCalendar), aliased(CalendarVersion)
    override, override_version = aliased(SlaCalendar), aliased(CalendarVersion)
    rows: Any = (
        scope(actor, Assignment)
        .outerjoin(SlaPolicy, SlaPolicy.id == Assignment.policy_id)
        .outerjoin(version, (version.policy_id == SlaPolicy.id) & (version.number == SlaPolicy.current))
        .outerjoin(own, own.id == version.calendar_id)
        .outerjoin(own_version, (own_version.calendar_id == own.id) & (own_version.number == own.current))
        .outerjoin(override, override.id == Assignment.calendar_id)
        .outerjoin(
            override_version,
            (override_version.calendar_id == override.id) & (override_version.number == override.current),
        )
        .with_only_columns(
            Assignment.organization_id,
            Assignment.account_id,
            *(SlaPolicy.id, version.id, SlaPolicy.name),
            *(own.id, own_version.id, own.name),
            *(override.id, override_version.id, override.name),
        )
    )
    if narrowed:
        wanted = Assignment.organization_id.in_(bindparam("organization_ids", type_=Uuid(), expanding=True))
        rows = rows.where(wanted | Assignment.organization_id.is_(None))
    narrow: Select[Any] = rows
    return narrow


def _named_version(found: Sequence[Any]) -> tuple[Id, Id, str] | None:
    id, version, name = found
    return (id, version, name or "") if id is not None and version is not None else None


def select_rules(assigned: Sequence[AssignedRules], organization_id: Id, account_id: Id) -> EffectiveRules:
    """The effective rules: the narrowest assignment with a value applies. An override of the calendar takes precedence
    over the calendar of a broader policy."""
    narrowest_first = sorted(
        (s for s in assigned if s.organization_id in (None, organization_id) and s.account_id in (None, account_id)),
        key=lambda s: (s.account_id is None, s.organization_id is None),
    )
    policy, policy_source = None, ""
    calendar, calendar_source = None, ""
    for one in narrowest_first:
        if calendar is None and one.calendar is not None:
            calendar, calendar_source = one.calendar, one.source
        if policy is None and one.policy is not None:
            policy, policy_source = one.policy, one.source
            if calendar is None:
                calendar, calendar_source = one.own_calendar, "policy"
        if policy is not None:
            break
    if policy is None or calendar is None:
        found = calendar or (None, None, "")
        return EffectiveRules(None, None, "", "", found[0], found[1], found[2], calendar_source)
    return EffectiveRules(*policy, policy_source, *calendar, calendar_source)


def effective_rules(ctx: Context, organization_id: Id, account_id: Id) -> EffectiveRules:
    """The rules of one account (of the actor's scope: this is read as the system); `agreed` is False without a
    promise."""
    with as_system(ctx) as inner:
        return select_rules(assigned_rules(inner, [organization_id]), organization_id, account_id)


def support_calendar(ctx: Context, organization_id: Id, account_id: Id) -> Calendar | None:
    """The calendar by which an account is served; None where nothing was agreed."""
    effective = effective_rules(ctx, organization_id, account_id)
    if not effective.agreed or effective.calendar_version is None:
        return None
    return RuleVersions(ctx).calendar(effective.calendar_version)


def effective_rules_for(ctx: Context, accounts: Iterable[tuple[Id, Id]]) -> Mapping[tuple[Id, Id], EffectiveRules]:
    """The rules of several (organization, account); one statement."""
    pairs = set(accounts)
    with as_system(ctx) as inner:
        assigned = assigned_rules(inner, {organization_id for organization_id, _ in pairs})
    return {pair: select_rules(assigned, *pair) for pair in pairs}


def assignments(ctx: Context) -> Sequence[Assignment]:
    """The assignments with names, the broadest first."""
    rows = scope(ctx.actor, Assignment).options(
        joinedload(Assignment.policy),
        joinedload(Assignment.calendar),
        joinedload(Assignment.organization),
        joinedload(Assignment.account),
    )
    order = (Assignment.organization_id.is_not(None), Assignment.account_id.is_not(None), Assignment.id)
    return ctx.session.scalars(rows.order_by(*order).limit(2000)).all()


def accounts_under(ctx: Context, *, policy_id: Id | None = None, calendar_id: Id | None = None) -> list[Account]:
    """The visible accounts to which this policy, or this calendar, applies now; by key."""
    accounts = ctx.session.scalars(scope(ctx.actor, Account).order_by(Account.key).limit(5000)).all()
    assigned = assigned_rules(ctx)
    found = []
    for account in accounts:
        effective = select_rules(assigned, account.organization_id, account.id)
        if (policy_id is not None and effective.policy_id == policy_id) or (
            calendar_id is not None and effective.calendar_id == calendar_id
        ):
            found.append(account)
    return found


def accounts_without_promise(ctx: Context, limit: int = 100) -> list[Account]:
    """Visible accounts without a promise, for administrators to correct."""
    accounts = ctx.session.scalars(scope(ctx.actor, Account).order_by(Account.key).limit(5000)).all()
    assigned = assigned_rules(ctx)
    return [a for a in accounts if not select_rules(assigned, a.organization_id, a.id).agreed][:limit]


@dataclass(frozen=True, slots=True)
class Agreement:
    """The agreement of one account: the rules with their names and sources, and the policy and hours (None: nothing was
    agreed)."""

    account: Account
    effective: EffectiveRules
    policy: Policy | None
    calendar: Calendar | None


def agreement(ctx: Context, account: Account) -> Agreement:
    """The effective rules of *account*, which a scope admitted."""
    with as_system(ctx) as inner:
        effective = effective_rules(inner, account.organization_id, account.id)
        rules = RuleVersions(inner)
        policy = rules.policy(effective.policy_version) if effective.policy_version else None
        calendar = rules.calendar(effective.calendar_version) if effective.calendar_version else None
    return Agreement(account, effective, policy, calendar)


def accounts_by_policy(ctx: Context) -> Mapping[Id, int]:
    """The number of visible accounts of each policy. Two statements."""
    pairs = ctx.session.execute(
        scope(ctx.actor, Account).limit(5000).with_only_columns(Account.organization_id, Account.id)
    )
    assigned = assigned_rules(ctx)
    held = Counter(select_rules(assigned, pair[0], pair[1]).policy_id for pair in pairs)
    return {policy_id: number for policy_id, number in held.items() if policy_id is not None}


def is_policy_of_everybody(ctx: Context, policy_id: Id) -> bool:
    """Whether this policy holds for all clients with whom nothing else is agreed."""
    rows = scope(ctx.actor, Assignment).where(
        Assignment.organization_id.is_(None), Assignment.account_id.is_(None), Assignment.policy_id == policy_id
    )
    return ctx.session.scalar(rows.with_only_columns(Assignment.id).limit(1)) is not None


def is_agreed_with_everybody(ctx: Context) -> bool:
    """Whether a policy or a calendar holds for all clients with whom nothing else is agreed."""
    rows = scope(ctx.actor, Assignment).where(Assignment.organization_id.is_(None))
    return ctx.session.scalar(rows.with_only_columns(Assignment.id).limit(1)) is not None
