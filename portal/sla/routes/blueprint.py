"""The blueprint that the pages about promises hang on, and what they share."""

from collections.abc import Sequence
from typing import Any, TypeVar

from flask import request

from portal.authz.permissions import Permission
from portal.cases.queries.severity_levels import severity_levels
from portal.kernel.context import Context
from portal.web.guards import FeatureBlueprint, requires

promises = FeatureBlueprint("promises", __name__)
Row = TypeVar("Row", bound=Any)

reads = requires(Permission.PROVIDER_READ)
configures = requires(Permission.PROVIDER_CONFIGURE)


def level_names(context: Context) -> dict[int, str]:
    """What the provider calls its severities, by rank."""
    return {level.rank: level.name for level in severity_levels(context)}


def shows_archived() -> bool:
    """Whether the list of what was archived is asked for."""
    return request.args.get("show") == "archived"


def expected_version(form: object) -> int | None:
    """The version that the writer had on screen, if the form carried one."""
    written = str(getattr(getattr(form, "version", None), "data", "") or "")
    return int(written) if written.isdecimal() and len(written) < 10 else None


def find_chosen(value: str | None, rows: Sequence[Row]) -> Row | None:
    """The row of *rows* whose id is *value*; None for nothing."""
    return next((row for row in rows if str(row.id) == (value or "")), None)
