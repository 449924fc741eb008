"""Whom a rule hits: who is counted by a policy or a calendar, and what a draft of one would say differently."""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from portal.authz.scopes import scope
from portal.kernel.context import Context
from portal.sla import calendar as calendars
from portal.sla import policy as policies
from portal.sla.calendar import Calendar
from portal.sla.models import CalendarVersion, CaseStanding, PolicyVersion, SlaCalendar, SlaPolicy
from portal.sla.policy import Policy, Target
from portal.sla.queries import terms
from portal.tenants.models import Account

Id = uuid.UUID
TARGETS = ("first_response", "next_response", "next_update", "aim", "resolution")
COUNT_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Impact:
    """What saving a draft would do: the accounts for which it holds, how many open cases are counted by it (up to
    COUNT_LIMIT), and which targets change: (severity, target, before, after). `hours`: the support hours change."""

    accounts: Sequence[Account]
    cases: int
    targets: Sequence[tuple[int, str, Target | None, Target | None]] = ()
    hours: bool = False
    other: bool = False


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


def of_policy(ctx: Context, row: SlaPolicy, draft: Policy, calendar: SlaCalendar) -> Impact:
    """What saving *draft*, counted by *calendar*, as the next version of *row* would change."""
    now = policy_of(row)
    versions = select(PolicyVersion.id).where(PolicyVersion.policy_id == row.id)
    changed = []
    for rank in sorted({*now.promises, *draft.promises}):
        for name in TARGETS:
            before, after = getattr(now.promise(rank), name), getattr(draft.promise(rank), name)
            if before != after:
                changed.append((rank, name, before, after))
    other = (now.pauses, now.thresholds, now.asks_why) != (draft.pauses, draft.thresholds, draft.asks_why)
    return Impact(
        terms.accounts_under(ctx, policy_id=row.id),
        _open_cases(ctx, CaseStanding.policy_version_id.in_(versions)),
        changed,
        calendar.id != row.version.calendar_id,
        other,
    )


def of_calendar(ctx: Context, row: SlaCalendar, draft: Calendar) -> Impact:
    """What saving *draft* as the next version of *row* would change."""
    versions = select(CalendarVersion.id).where(CalendarVersion.calendar_id == row.id)
    return Impact(
        terms.accounts_under(ctx, calendar_id=row.id),
        _open_cases(ctx, CaseStanding.calendar_version_id.in_(versions)),
        hours=calendar_of(row) != draft,
    )


def _open_cases(ctx: Context, counted: "ColumnElement[bool]") -> int:
    """How many open cases are counted so, up to COUNT_LIMIT. A number is no content: it is the whole provider's, also
    for an administrator who may read no case."""
    rows = select(CaseStanding.id).where(CaseStanding.provider_id == ctx.provider_id, CaseStanding.active, counted)
    return ctx.session.scalar(select(func.count()).select_from(rows.limit(COUNT_LIMIT).subquery())) or 0
