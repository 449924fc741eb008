"""Policies with their versions, and what a draft of one changes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import joinedload

from portal.authz.scopes import load, scope
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.sla.engine.policy import Policy, Target, parse_policy
from portal.sla.models import PolicyVersion, SlaPolicy
from portal.tenants.queries.name_search import fold_column

TARGETS = ("first_response", "next_response", "next_update", "aim", "resolution")
Change = tuple[int, str, Target | None, Target | None]


def policy_of(row: SlaPolicy) -> Policy:
    """The policy of the current version of *row*."""
    return parse_policy(row.version.content)


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

    def others(policy: Policy) -> tuple[Any, ...]:
        night = {rank: promise.night_alarms for rank, promise in policy.promises.items()}
        return policy.pauses, policy.thresholds, policy.asks_why, policy.start_responds, night

    return others(now) != others(draft)


def policies(ctx: Context, *, archived: bool = False) -> Sequence[SlaPolicy]:
    """The policies that the actor may see, by name, with their current versions."""
    rows = (
        scope(ctx.actor, SlaPolicy)
        .where(SlaPolicy.archived.is_(archived))
        .order_by(fold_column(SlaPolicy.name), SlaPolicy.id)
    )
    return ctx.session.scalars(rows.options(joinedload(SlaPolicy.version)).limit(500)).all()


def policy(ctx: Context, policy_id: Id, *, lock: bool = False) -> SlaPolicy:
    """One policy with its current version; NotFound otherwise."""
    if lock:
        load(ctx, SlaPolicy, SlaPolicy.id == policy_id, lock=True)
    return load(ctx, SlaPolicy, SlaPolicy.id == policy_id, options=[joinedload(SlaPolicy.version)], fresh=lock)


def policy_versions(ctx: Context, policy: SlaPolicy) -> Sequence[PolicyVersion]:
    """Every version of *policy*, the newest first."""
    rows = scope(ctx.actor, PolicyVersion).where(PolicyVersion.policy_id == policy.id)
    return ctx.session.scalars(rows.order_by(PolicyVersion.number.desc()).limit(200)).all()
