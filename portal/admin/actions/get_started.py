"""Skipping steps of the first day."""

from collections.abc import Iterable

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.kernel.context import Context
from portal.kernel.events import record
from portal.tenants.models import Provider


def skip_steps(ctx: Context, provider: Provider, steps: Iterable[str], *, skipped: bool = True) -> None:
    """Leave out *steps* of the first day, or take them up again; records `provider.steps_skipped` (facts: steps,
    skipped) where that changes anything. The caller has checked that they can be skipped."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    before = set(provider.skipped_steps)
    after = before | set(steps) if skipped else before - set(steps)
    if after != before:
        provider.skipped_steps = sorted(after)
        record(ctx, "provider.steps_skipped", provider, steps=sorted(before ^ after), skipped=skipped)
