"""The blueprint of the pages about promises, and what they share."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import flash, request
from flask_babel import gettext as _

from portal.authz.permissions import Permission
from portal.cases.queries.severity_levels import severity_levels
from portal.kernel.context import Context
from portal.web.form_flow import submit_form
from portal.web.forms import PressForm
from portal.web.guards import FeatureBlueprint, requires
from portal.web.htmx import page, see

promises = FeatureBlueprint("promises", __name__)
Row = TypeVar("Row", bound=Any)

reads = requires(Permission.PROVIDER_READ)
configures = requires(Permission.PROVIDER_CONFIGURE)


def level_names(context: Context) -> dict[int, str]:
    """The names of the provider's severities, by rank."""
    return {level.rank: level.name for level in severity_levels(context)}


def shows_archived() -> bool:
    """Whether the list of archived rows is requested."""
    return request.args.get("show") == "archived"


def expected_version(form: object) -> int | None:
    """The version on the writer's screen, if the form has one."""
    written = str(getattr(getattr(form, "version", None), "data", "") or "")
    return int(written) if written.isdecimal() and len(written) < 10 else None


def find_chosen(value: str | None, rows: Sequence[Row]) -> Row | None:
    """The row of *rows* whose id is *value*; None for nothing."""
    return next((row for row in rows if str(row.id) == (value or "")), None)


def confirm_archiving(row: Any, archive: Callable[[], object], *, kind: str, back: str) -> Any:
    """Ask before *row* (a 'policy' or 'calendar') leaves the list or comes back; on POST call *archive* and redirect to
    *back*."""
    form = PressForm()
    status = submit_form(form, archive) if form.is_submitted() else 200
    if status:
        return page("sla/archive.html", status, row=row, form=form, kind=kind, back=back)
    flash(_("Saved."), "success")
    return see(back)
