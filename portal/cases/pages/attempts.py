"""Validation and action of a form; a refusal becomes an error of the form."""

from collections.abc import Callable
from typing import Any

from portal.cases.actions.savepoint import run_in_savepoint
from portal.cases.models import Case
from portal.cases.queries import by_key
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused


def try_desk_action(context: Context, form: Any, act: Callable[[], object]) -> int:
    """Validate and call *act* in a savepoint; returns 0, or the status of the answer.

    422: the form has errors. 409: `form.conflict` holds the message of the conflict.
    """
    form.conflict = ""
    if not is_valid(form):
        return 422
    try:
        run_in_savepoint(context, act)
    except Refused as refusal:
        form.reject(refusal)
        return 422
    except Conflict as conflict:
        form.conflict = conflict.message
        return 409
    return 0


def reload_case(context: Context, key: str, form: Any) -> Case:
    """The current case after a failed action. The form gets its version, so that it can be sent again."""
    case = by_key(context, key)
    if getattr(form, "version", None) is not None:
        form.version.data = str(case.version)
    return case


def is_valid(form: Any) -> bool:
    """Validate the form, and add the problems of plain uploads."""
    fine: bool = form.validate_on_submit()
    problems = getattr(form, "upload_problems", [])
    if problems:
        form.attachments.errors = [*form.attachments.errors, *problems]
    return fine and not problems


def try_portal_action(form: Any, act: Callable[[], Any]) -> bool:
    """Validate and call *act*; returns whether it succeeded. A refusal becomes an error of the form."""
    if not is_valid(form):
        return False
    try:
        act()
    except Refused as refusal:
        form.reject(refusal)
        return False
    return True
