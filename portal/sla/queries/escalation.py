"""Escalation rules as administrators read them, and what one would have done in the last weeks."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import selectinload

from portal.authz.scopes import load, scope
from portal.kernel.context import Context
from portal.sla.clock_store import clock_of
from portal.sla.engine import clocks
from portal.sla.models import CaseStanding, EscalationRule, PolicyVersion, SlaClock
from portal.sla.queries.boards import calendars_of

Id = uuid.UUID
# What a dry run looks back at, and at how many clocks at the most.
LOOK_BACK = dt.timedelta(days=30)
CLOCK_LIMIT = 5000


def rules(ctx: Context) -> Sequence[EscalationRule]:
    """Every rule with its steps, those in force first, then by name."""
    rows = scope(ctx.actor, EscalationRule).options(selectinload(EscalationRule.steps))
    order = (EscalationRule.active.desc(), EscalationRule.name, EscalationRule.id)
    return ctx.session.scalars(rows.order_by(*order).limit(500)).all()


def rule(ctx: Context, rule_id: Id) -> EscalationRule:
    """One rule with its steps; NotFound otherwise."""
    return load(
        ctx, EscalationRule, EscalationRule.id == rule_id, options=[selectinload(EscalationRule.steps)], fresh=True
    )


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a rule would have done: how many clocks it looked at (`bounded`: there were more), and how many of them
    reached each share of their time."""

    clocks: int
    bounded: bool
    reached: Sequence[tuple[int, int]]


def dry_run(
    ctx: Context,
    *,
    kinds: Sequence[str],
    severities: Sequence[int],
    policy_id: Id | None,
    percents: Sequence[int],
) -> DryRun:
    """How often clocks of the last LOOK_BACK would have reached *percents*. Only numbers come out, so that they are
    the whole provider's, also for an administrator who may read no case."""
    where: list[ColumnElement[bool]] = [
        SlaClock.provider_id == ctx.provider_id,
        SlaClock.kind.in_(kinds),
        SlaClock.started_at >= ctx.now - LOOK_BACK,
    ]
    if severities:
        where.append(SlaClock.severity.in_(severities))
    if policy_id is not None:
        versions = select(PolicyVersion.id).where(PolicyVersion.policy_id == policy_id)
        counted = select(CaseStanding.case_id).where(CaseStanding.policy_version_id.in_(versions))
        where.append(SlaClock.case_id.in_(counted))
    rows = ctx.session.scalars(
        select(SlaClock).where(*where).order_by(SlaClock.started_at.desc()).limit(CLOCK_LIMIT + 1)
    ).all()
    found = [clock_of(row) for row in rows[:CLOCK_LIMIT]]
    calendars = calendars_of(ctx, found)
    shares = [clocks.share(clock, calendars.get(clock.terms.calendar), ctx.now) for clock in found]
    reached = [(percent, sum(1 for share in shares if share * 100 >= percent)) for percent in percents]
    return DryRun(len(found), len(rows) > CLOCK_LIMIT, reached)
