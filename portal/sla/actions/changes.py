"""Shared checks of changes of calendars, policies and rules: free names, expected versions, differences."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from portal.kernel import text
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.sla.models import EscalationRule, SlaCalendar, SlaPolicy

NAME_LIMIT = 120


def clean_free_name(
    ctx: Context, model: type[SlaCalendar | SlaPolicy | EscalationRule], name: str, own: Any = None
) -> str:
    """*name* in one line, for a row of *model*. Raises Refused where it is empty or another row than *own* has it."""
    name = text.clean_line(name)[:NAME_LIMIT]
    if not name:
        raise Refused(_("Write a name"), "name")
    same = select(model.id).where(model.provider_id == ctx.provider_id, func.lower(model.name) == name.lower())
    if own is not None:
        same = same.where(model.id != own.id)
    if ctx.session.scalar(same.limit(1)):
        raise Refused(_("%(name)s is already on the list", name=name), "name")
    return name


def check_expected_version(row: SlaCalendar | SlaPolicy, seen: int | None) -> None:
    """Raise Conflict if *seen*, the version on the writer's screen, is no longer the current one."""
    if seen is not None and seen != row.current:
        raise Conflict(_("Somebody changed %(name)s in the meantime. Look at it again.", name=row.name))


def list_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What differs between two contents, as {key: [old, new]}."""
    return {
        key: [before.get(key), after.get(key)]
        for key in sorted(set(before) | set(after))
        if before.get(key) != after.get(key)
    }
