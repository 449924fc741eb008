"""Adding and changing departments."""

from typing import Any

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.kernel.context import Context
from portal.kernel.events import record
from portal.tenants.actions.unique_names import add_named_row, check_free_name
from portal.tenants.models import Department


def add_department(ctx: Context, *, key: str = "", name: str) -> Department:
    """A part of support; its key is made from the name where none is given; records `department.added`.

    Raises Refused for a name that another one has.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    row = add_named_row(ctx, Department, key=key, name=name)
    record(ctx, "department.added", row, name=name)
    return row


def change_department(
    ctx: Context,
    department: Department,
    *,
    name: str,
    active: bool,
    assignment: str | None = None,
    most_open: int | None = None,
) -> None:
    """Rename or archive a department; cases keep it; records `department.changed`.

    *assignment*: how new cases without an owner find one, and *most_open*: the most that a person is given (None: no
    limit); without *assignment* both stay. Cases that are open already keep their owners.
    """
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    check_free_name(ctx, Department, name, department.id)
    facts: dict[str, list[Any]] = {"name": [department.name, name], "active": [department.active, active]}
    department.name, department.active = name, active
    if assignment is not None:
        facts["assignment"] = [department.assignment, assignment]
        facts["most_open"] = [department.most_open, most_open]
        department.assignment, department.most_open = assignment, most_open
    ctx.session.flush()
    record(ctx, "department.changed", department, changed={k: v for k, v in facts.items() if v[0] != v[1]})
