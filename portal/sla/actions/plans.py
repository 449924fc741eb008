"""Calendars, policies and who gets which. A change is a new version; what runs is recomputed by a run with progress."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.scopes import load
from portal.kernel import text
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record
from portal.kernel.ids import new_id
from portal.sla.actions.runs import recompute
from portal.sla.engine import calendar as calendars
from portal.sla.engine import policy as policies
from portal.sla.engine.calendar import Calendar, CalendarProblem
from portal.sla.engine.policy import Policy, PolicyProblem
from portal.sla.models import Assignment, CalendarVersion, PolicyVersion, Run, SlaCalendar, SlaPolicy
from portal.sla.queries import terms
from portal.tenants.models import Account, Organization

NAME_LIMIT = 120


def read_calendar(content: Mapping[str, Any]) -> Calendar:
    """The calendar that *content* describes (see `calendar.from_data`). Raises Refused with the field."""
    try:
        return calendars.from_data(content)
    except CalendarProblem as problem:
        raise Refused(str(problem), problem.field) from None


def read_policy(content: Mapping[str, Any]) -> Policy:
    """The policy that *content* describes (see `policy.from_data`). Raises Refused with the field."""
    try:
        return policies.from_data(content)
    except PolicyProblem as problem:
        raise Refused(str(problem), problem.field) from None


# -- calendars --------------------------------------------------------------------------------------------------------


def add_calendar(ctx: Context, *, name: str, content: Mapping[str, Any]) -> SlaCalendar:
    """New support hours, version 1; records `calendar.added`. Raises Refused for a name that is taken or for hours
    that cannot be counted with."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    found = read_calendar(content)
    row = SlaCalendar(provider_id=ctx.provider_id, name=_free_name(ctx, SlaCalendar, name), created_at=ctx.now)
    ctx.session.add(row)
    ctx.session.flush()
    _calendar_version(ctx, row, found)
    record(ctx, "calendar.added", row, name=row.name)
    return row


def change_calendar(
    ctx: Context, row: SlaCalendar, *, name: str, content: Mapping[str, Any], seen: int | None = None
) -> Run | None:
    """A new version of the hours, from now on; records `calendar.changed` (facts: version, changed).

    Running clocks are recomputed by the run that is returned; None if only the name changed. *seen* is the version
    that the writer had on screen: Conflict if it is no longer the current one.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    row = load(ctx, SlaCalendar, SlaCalendar.id == row.id, lock=True)
    _check_seen(row, seen)
    found = read_calendar(content)
    before = terms.calendar(ctx, row.id).version.content
    changed: dict[str, Any] = {}
    if name != row.name:
        changed["name"] = [row.name, name]
        row.name = _free_name(ctx, SlaCalendar, name, row)
    run = None
    if found.data() != before:
        changed |= _differences(before, found.data())
        row.current += 1
        _calendar_version(ctx, row, found)
        run = recompute(ctx, {"calendar": str(row.id)})
    if changed:
        record(ctx, "calendar.changed", row, version=row.current, changed=changed)
    return run


def archive_calendar(ctx: Context, row: SlaCalendar, *, archived: bool = True) -> None:
    """Take a calendar off the lists, or bring it back; records `calendar.archived`. Raises Conflict while it is
    agreed with anybody or a policy counts by it."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if archived and calendar_in_use(ctx, row):
        raise Conflict(_("%(name)s is in use, so it stays.", name=row.name))
    row.archived = archived
    ctx.session.flush()
    record(ctx, "calendar.archived", row, archived=archived)


def calendar_in_use(ctx: Context, row: SlaCalendar) -> bool:
    """Whether an assignment names the calendar, or the current version of a policy that is not archived."""
    named = select(Assignment.id).where(Assignment.calendar_id == row.id).limit(1)
    own = (
        select(PolicyVersion.id)
        .join(SlaPolicy, (SlaPolicy.id == PolicyVersion.policy_id) & (SlaPolicy.current == PolicyVersion.number))
        .where(PolicyVersion.calendar_id == row.id, SlaPolicy.archived.is_(False))
        .limit(1)
    )
    return bool(ctx.session.scalar(named) or ctx.session.scalar(own))


def _calendar_version(ctx: Context, row: SlaCalendar, found: Calendar) -> None:
    ctx.session.add(
        CalendarVersion(
            id=new_id(),
            provider_id=ctx.provider_id,
            calendar_id=row.id,
            number=row.current,
            content=found.data(),
            made_at=ctx.now,
            made_by_id=ctx.actor.user_id,
        )
    )
    ctx.session.flush()


# -- policies ---------------------------------------------------------------------------------------------------------


def add_policy(ctx: Context, *, name: str, calendar: SlaCalendar, content: Mapping[str, Any]) -> SlaPolicy:
    """A new policy, version 1, counted by *calendar* where an account has none of its own; records `policy.added`.

    Raises Refused for a name that is taken or a target that cannot be understood (field
    `severities.<rank>.<clock>`).
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    found = read_policy(content)
    row = SlaPolicy(provider_id=ctx.provider_id, name=_free_name(ctx, SlaPolicy, name), created_at=ctx.now)
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
    _check_seen(row, seen)
    found = read_policy(content)
    before = terms.policy(ctx, row.id).version
    changed: dict[str, Any] = {}
    if name != row.name:
        changed["name"] = [row.name, name]
        row.name = _free_name(ctx, SlaPolicy, name, row)
    run = None
    if found.data() != before.content or calendar.id != before.calendar_id:
        changed |= _differences(before.content, found.data())
        if calendar.id != before.calendar_id:
            changed["calendar"] = [str(before.calendar_id), str(calendar.id)]
        row.current += 1
        _policy_version(ctx, row, calendar, found)
        run = recompute(ctx, {"policy": str(row.id)}) if running else None
    if changed:
        record(ctx, "policy.changed", row, version=row.current, changed=changed)
    return run


def archive_policy(ctx: Context, row: SlaPolicy, *, archived: bool = True) -> None:
    """Take a policy off the lists, or bring it back; records `policy.archived`. Conflict while it is agreed with
    anybody."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    if archived and ctx.session.scalar(select(Assignment.id).where(Assignment.policy_id == row.id).limit(1)):
        raise Conflict(_("%(name)s is in use, so it stays.", name=row.name))
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


# -- who gets which ---------------------------------------------------------------------------------------------------


def assign(
    ctx: Context,
    *,
    policy: SlaPolicy | None,
    calendar: SlaCalendar | None = None,
    organization: Organization | None = None,
    account: Account | None = None,
) -> Run | None:
    """Agree a policy, a calendar that overrides the policy's, or both, with everybody (no place given), with an
    *organization*, or with one *account*; neither takes the agreement back, so that the broader one holds again.

    Records `promise.assigned` (facts: policy and calendar as [old, new] names). Open cases of the place are
    recomputed by the run that is returned; None if nothing changed.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    organization_id = account.organization_id if account is not None else organization.id if organization else None
    account_id = account.id if account is not None else None
    for chosen, field in ((policy, "policy"), (calendar, "calendar")):
        if chosen is not None and chosen.archived:
            raise Refused(_("%(name)s is archived. Choose another one", name=chosen.name), field)
    row = ctx.session.scalars(
        select(Assignment)
        .where(
            Assignment.provider_id == ctx.provider_id,
            Assignment.organization_id.is_not_distinct_from(organization_id),
            Assignment.account_id.is_not_distinct_from(account_id),
        )
        .with_for_update()
    ).one_or_none()
    wanted = (policy.id if policy else None, calendar.id if calendar else None)
    before = (row.policy_id, row.calendar_id) if row is not None else (None, None)
    if wanted == before:
        return None
    if row is None:
        row = Assignment(
            provider_id=ctx.provider_id,
            organization_id=organization_id,
            account_id=account_id,
            policy_id=wanted[0],
            calendar_id=wanted[1],
            made_at=ctx.now,
            made_by_id=ctx.actor.user_id,
        )
        ctx.session.add(row)
    elif wanted == (None, None):
        ctx.session.delete(row)
    else:
        row.policy_id, row.calendar_id, row.made_at, row.made_by_id = *wanted, ctx.now, ctx.actor.user_id
    ctx.session.flush()
    place = account or organization or ctx.provider
    record(
        ctx,
        "promise.assigned",
        place,
        policy=[str(before[0] or ""), str(wanted[0] or "")],
        calendar=[str(before[1] or ""), str(wanted[1] or "")],
    )
    about = {"account": str(account_id)} if account_id else {}
    if not about and organization_id:
        about = {"organization": str(organization_id)}
    return recompute(ctx, about)


def _free_name(ctx: Context, model: type[SlaCalendar] | type[SlaPolicy], name: str, own: Any = None) -> str:
    name = text.clean_line(name)[:NAME_LIMIT]
    if not name:
        raise Refused(_("Write a name"), "name")
    same = select(model.id).where(model.provider_id == ctx.provider_id, func.lower(model.name) == name.lower())
    if own is not None:
        same = same.where(model.id != own.id)
    if ctx.session.scalar(same.limit(1)):
        raise Refused(_("%(name)s is already on the list", name=name), "name")
    return name


def _check_seen(row: SlaCalendar | SlaPolicy, seen: int | None) -> None:
    if seen is not None and seen != row.current:
        raise Conflict(_("Somebody changed %(name)s meanwhile. Look at it again.", name=row.name))


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: [before.get(key), after.get(key)]
        for key in sorted(set(before) | set(after))
        if before.get(key) != after.get(key)
    }
