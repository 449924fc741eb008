"""The blueprint of the administration, and functions that its views share."""

import uuid
from collections.abc import Callable

from flask import request
from flask_babel import gettext as _

from portal.admin.queries.changes import last_change
from portal.authz.permissions import Permission
from portal.cases.queries.severity_levels import severity_levels
from portal.kernel import ids
from portal.kernel.errors import NotFound
from portal.web.current import ctx
from portal.web.guards import FeatureBlueprint, requires
from portal.web.times import time_words

admin = FeatureBlueprint("admin", __name__, url_prefix="/admin")

reads = requires(Permission.PROVIDER_READ)

configures = requires(Permission.PROVIDER_CONFIGURE)


def shows_archived() -> bool:
    """Whether the list of archived or ended rows is requested."""
    return request.args.get("show") == "archived"


def last_changed_by(subject_id: uuid.UUID) -> Callable[[], str]:
    """For a conflict: a sentence that says who changed *subject_id*, and when."""

    def sentence() -> str:
        event = last_change(ctx(), subject_id)
        if event is None:
            return ""
        name = event.actor_name or _("The system")
        return _("%(name)s changed this in the meantime (%(time)s).", name=name, time=time_words(event.occurred_at))

    return sentence


def parse_id_or_404(text: str) -> uuid.UUID:
    found = ids.parse_id(text)
    if found is None:
        raise NotFound
    return found


def floor_choices() -> list[tuple[str, str]]:
    """The severities that cases of a very important person or account cannot fall below."""
    levels = severity_levels(ctx())
    return [("", _("Any severity")), *((str(level.rank), f"{level.rank} {level.name}") for level in levels)]


def parse_floor(text: str) -> int | None:
    """The rank that a field with `floor_choices` says; None for any severity."""
    return int(text) if text else None
