"""The blueprints of audit, and the note that follows each answer to somebody of the staff about a private case."""

import uuid
from collections.abc import Iterable

from flask import Response, g, request

from portal.audit import actions
from portal.audit.models import FILE, READ
from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.cases.queries import select_by_key
from portal.kernel.context import Context
from portal.web.current import ctx
from portal.web.deferred_writes import defer_write
from portal.web.guards import FeatureBlueprint
from portal.web.shown_cases import shown_cases

audit = FeatureBlueprint("audit", __name__, url_prefix="/admin")
organization_audit = FeatureBlueprint("organization_audit", __name__, url_prefix="/org/<slug>")
_FILES = frozenset({"desk.attachment_for_staff", "case_mail.attached_for_staff"})
# What is no access of its own: pictures inside a page that was noted, and the look as the customer, which its event
# notes together with the reason.
NOT_NOTED = frozenset({"desk.thumbnail_for_staff", "desk.as_customer", "desk.start_as_customer"})
# A form that comes back shows the case too.
_SHOWING = frozenset({200, 206, 409, 422})


def note_staff_access(response: Response) -> Response:
    """After every answer: note the access where the address names a case on the desk, or the page said that it shows
    one."""
    # Static files and health checks have no context.
    if "ctx" not in g or response.status_code not in _SHOWING or request.endpoint in NOT_NOTED:
        return response
    if not ctx().actor.is_staff:
        return response
    key = (request.view_args or {}).get("key") if request.path.startswith("/desk/cases/") else None
    others = shown_cases()
    if key is not None or others:
        kind = FILE if request.endpoint in _FILES else READ
        defer_write(lambda own: _note(own, kind, key, others))
    return response


def _note(own: Context, kind: str, key: str | None, others: Iterable[uuid.UUID]) -> None:
    if key is not None:
        actions.note_access(own, select_by_key(own.actor, key), kind)
    for case_id in others:
        actions.note_access(own, scope(own.actor, Case).where(Case.id == case_id), kind)


audit.after_app_request(note_staff_access)
