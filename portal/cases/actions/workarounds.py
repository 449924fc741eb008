"""The workaround of a case: one public message that stands at the top until the case is solved."""

import uuid

from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.cases.actions.conversation import check_version
from portal.cases.actions.transitions import check_not_redirected, touch
from portal.cases.models import Case
from portal.cases.queries.conversation import find_message
from portal.cases.rules import is_pinnable
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, NotFound, Refused
from portal.kernel.events import record


def pin_workaround(
    ctx: Context, case: Case, message_id: uuid.UUID | None, *, expected_version: int | None = None
) -> None:
    """Pin a public message of *case* as its workaround, in place of the one before; records `case.workaround_pinned`
    (facts: message, replaced).

    Raises Refused for a message of another case, a note, a question or a rejection, and Conflict for a case that is
    solved or was changed.
    """
    _check(ctx, case, expected_version)
    try:
        message = find_message(ctx, case, message_id) if message_id is not None else None
    except NotFound:
        message = None
    if message is None or not is_pinnable(message):
        raise Refused(_("Choose a message that the customer can read"), "message")
    if message.position == case.workaround_position:
        return
    replaced = case.workaround_position is not None
    case.workaround_position = message.position
    touch(ctx, case)
    record(ctx, "case.workaround_pinned", case, case=case, message=str(message.id), replaced=replaced)


def unpin_workaround(ctx: Context, case: Case, *, expected_version: int | None = None) -> None:
    """Take the workaround off the top of *case*; the message stays. Records `case.workaround_unpinned`."""
    _check(ctx, case, expected_version)
    if case.workaround_position is None:
        return
    case.workaround_position = None
    touch(ctx, case)
    record(ctx, "case.workaround_unpinned", case, case=case)


def _check(ctx: Context, case: Case, expected_version: int | None) -> None:
    require(ctx.actor, Permission.CASE_ANSWER, case)
    check_not_redirected(case)
    check_version(case, expected_version)
    if not case.unresolved:
        raise Conflict(_("This case is solved: a workaround is only for the time before."))
