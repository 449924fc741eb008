"""Names for ids in events, in a bounded number of statements."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from sqlalchemy import select

from portal.authz.scopes import scope
from portal.cases.queries.severity_levels import severity_levels
from portal.identity.models import User
from portal.kernel.actor import Id
from portal.kernel.config_cache import cached_config, for_side
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.kernel.ids import parse_id
from portal.tenants.models import Department, StaffMember


def names_in(ctx: Context, events: Iterable[Event]) -> dict[str, str]:
    """Names of the severities, departments and owners in the facts of *events*."""
    found = {f"severity:{level.rank}": f"{level.rank} {level.name}" for level in severity_levels(ctx)}
    if ctx.actor.is_contact:
        return found
    ids = {
        wanted
        for event in events
        for key in ("owner", "department")
        for value in event.facts.get(key, ())
        if (wanted := parse_id(value)) is not None
    }
    if ids:
        known = _team_names(ctx)
        found |= {str(one): known[one] for one in ids if one in known}
    return found


def _team_names(ctx: Context) -> Mapping[uuid.UUID, str]:
    """The names of all departments and staff of the provider by id, also of inactive ones."""
    return cached_config(ctx, for_side, _read_team_names)


def _read_team_names(ctx: Context) -> Mapping[uuid.UUID, str]:
    departments = ctx.session.execute(scope(ctx.actor, Department).with_only_columns(Department.id, Department.name))
    staff = ctx.session.execute(
        select(StaffMember.id, User.name)
        .join(User, User.id == StaffMember.user_id)
        .where(StaffMember.provider_id == ctx.provider_id)
    )
    return MappingProxyType({row[0]: row[1] for row in (*departments, *staff)})


def staff_names(ctx: Context, members: Sequence[Id]) -> dict[Id, str]:
    """The names of staff members by id."""
    known = _team_names(ctx)
    return {member: known[member] for member in members if member in known}
