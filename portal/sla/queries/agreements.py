"""Policies and support hours as administrators look at them: what they say, for whom, what a draft says differently."""

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from portal.authz.scopes import scope
from portal.kernel.context import Context
from portal.sla.engine import calendar as calendars
from portal.sla.engine import policy as policies
from portal.sla.engine.calendar import Calendar
from portal.sla.engine.policy import Policy, Target
from portal.sla.house import house
from portal.sla.models import SlaCalendar, SlaPolicy
from portal.sla.queries import terms
from portal.sla.queries.terms import Effective
from portal.sla.rule_versions import Books
from portal.tenants.models import Account

Id = uuid.UUID
TARGETS = ("first_response", "next_response", "next_update", "aim", "resolution")
Change = tuple[int, str, Target | None, Target | None]


@dataclass(frozen=True, slots=True)
class Agreement:
    """What holds for one account: the rules with their names and sources, policy and hours themselves (None: nothing
    was agreed)."""

    account: Account
    holds: Effective
    policy: Policy | None
    calendar: Calendar | None


def agreement(ctx: Context, account: Account) -> Agreement:
    """The effective rules of *account*, which a scope admitted."""
    with house(ctx) as inner:
        holds = terms.effective(inner, account.organization_id, account.id)
        books = Books(inner)
        policy = books.policy(holds.policy_version) if holds.policy_version else None
        calendar = books.calendar(holds.calendar_version) if holds.calendar_version else None
    return Agreement(account, holds, policy, calendar)


def policy_of(row: SlaPolicy) -> Policy:
    """What the current version of *row* promises."""
    return policies.from_data(row.version.content)


def calendar_of(row: SlaCalendar) -> Calendar:
    """The support hours of the current version of *row*."""
    return calendars.from_data(row.version.content)


def accounts_by_policy(ctx: Context) -> Mapping[Id, int]:
    """For how many visible accounts each policy holds now. Two statements."""
    pairs = ctx.session.execute(
        scope(ctx.actor, Account).limit(5000).with_only_columns(Account.organization_id, Account.id)
    )
    said = terms.assignments_said(ctx)
    held = Counter(terms.chosen(said, pair[0], pair[1]).policy_id for pair in pairs)
    return {policy_id: number for policy_id, number in held.items() if policy_id is not None}


def changed_targets(now: Policy, draft: Policy) -> list[Change]:
    """Which targets *draft* changes: (severity, target, before, after)."""
    found: list[Change] = []
    for rank in sorted({*now.promises, *draft.promises}):
        for name in TARGETS:
            before, after = getattr(now.promise(rank), name), getattr(draft.promise(rank), name)
            if before != after:
                found.append((rank, name, before, after))
    return found


def other_rules_differ(now: Policy, draft: Policy) -> bool:
    """Whether *draft* differs in more than its targets."""
    return (now.pauses, now.thresholds, now.asks_why) != (draft.pauses, draft.thresholds, draft.asks_why)
