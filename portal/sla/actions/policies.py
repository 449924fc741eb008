"""Writes on policies. A change is a new version; running clocks are recomputed by a run with progress."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.scopes import load
from portal.kernel.context import Context
from portal.kernel.errors import Conflict
from portal.kernel.events import record
from portal.kernel.ids import new_id
from portal.sla.actions.changes import check_expected_version, clean_free_name, list_differences
from portal.sla.actions.runs import start_recompute
from portal.sla.engine import policy as policies
from portal.sla.engine.policy import Policy, PolicyProblem
from portal.sla.models import Assignment, PolicyVersion, Run, SlaCalendar, SlaPolicy
from portal.sla.queries import policies as policy_queries
from portal.sla.refusals import refusal_of


def read_policy(content: Mapping[str, Any]) -> Policy:
    """The policy that *content* describes (see `engine.policy.parse_policy`). Raises Refused with the field."""
    try:
        return policies.parse_policy(content)
    except PolicyProblem as problem:
        raise refusal_of(problem) from None


def add_policy(ctx: Context, *, name: str, calendar: SlaCalendar, content: Mapping[str, Any]) -> SlaPolicy:
    """A new policy, version 1, counted by *calendar* where an account has none of its own; records `policy.added`.

    Raises Refused for a name that is taken or a target that cannot be understood (field
    `severities.<rank>.<clock>`).
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    found = read_policy(content)
    row = SlaPolicy(provider_id=ctx.provider_id, name=clean_free_name(ctx, SlaPolicy, name), created_at=ctx.now)
    ctx.session.add(row)
    ctx.session.flush()
    _policy_version(ctx, row, calendar, found)
    record(ctx, "policy.added", row, name=row.name, calendar=calendar.name)
    return row


def change_policy(
    ctx: Context,
    row: SlaPolicy,
    *,
    name: str,
    calendar: SlaCalendar,
    content: Mapping[str, Any],
    seen: int | None = None,
    running: bool = True,
) -> Run | None:
    """A new version of the policy, from now on; records `policy.changed` (facts: version, changed).

    With *running*, clocks that run are recomputed by the run that is returned; without, open cases keep the version
    that they have. None if only the name changed. Conflict if *seen* is no longer the current version.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    row = load(ctx, SlaPolicy, SlaPolicy.id == row.id, lock=True)
    check_expected_version(row, seen)
    found = read_policy(content)
    before = policy_queries.policy(ctx, row.id).version
    changed: dict[str, Any] = {}
    if name != row.name:
        changed["name"] = [row.name, name]
        row.name = clean_free_name(ctx, SlaPolicy, name, row)
    run = None
    now = read_policy(before.content).data()  # an older version may use an older format
    if found.data() != now or calendar.id != before.calendar_id:
        changed |= list_differences(now, found.data())
        if calendar.id != before.calendar_id:
            changed["calendar"] = [str(before.calendar_id), str(calendar.id)]
        row.current += 1
        _policy_version(ctx, row, calendar, found)
        run = start_recompute(ctx, {"policy": str(row.id)}) if running else None
    if changed:
        record(ctx, "policy.changed", row, version=row.current, changed=changed)
    return run


def archive_policy(ctx: Context, row: SlaPolicy, *, archived: bool = True) -> None:
    """Take a policy off the lists, or bring it back; records `policy.archived`. Conflict while an agreement uses it."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if archived and ctx.session.scalar(select(Assignment.id).where(Assignment.policy_id == row.id).limit(1)):
        raise Conflict(_("%(name)s is in use and cannot be removed.", name=row.name))
    row.archived = archived
    ctx.session.flush()
    record(ctx, "policy.archived", row, archived=archived)


def _policy_version(ctx: Context, row: SlaPolicy, calendar: SlaCalendar, found: Policy) -> None:
    ctx.session.add(
        PolicyVersion(
            id=new_id(),
            provider_id=ctx.provider_id,
            policy_id=row.id,
            number=row.current,
            calendar_id=calendar.id,
            content=found.data(),
            made_at=ctx.now,
            made_by_id=ctx.actor.user_id,
        )
    )
    ctx.session.flush()
