"""The flow of every submitted form: validate, act in a savepoint, and keep everything typed if the action failed."""

import logging
from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from psycopg.errors import ExclusionViolation, ForeignKeyViolation, UniqueViolation
from sqlalchemy.exc import IntegrityError

from portal.kernel.errors import Conflict, Refused
from portal.web import drafts
from portal.web.current import ctx

log = logging.getLogger(__name__)
# Violations of constraints that another writer can cause at the same moment.
RACES = (UniqueViolation, ForeignKeyViolation, ExclusionViolation)


def submit_form(
    form: Any,
    act: Callable[[], object],
    *,
    current: object = None,
    changed_by: Callable[[], str] | None = None,
    check: Callable[[], bool] | None = None,
) -> int:
    """Validate *form* and call *act*, which calls one action, in a savepoint.

    Returns 0 on success: the view answers 303. Otherwise returns the status of the answer, which shows the same form
    with everything typed kept. 422: the form or the action refuses the input, *form* has the sentences. 409: the object
    changed since the form was drawn, `form.conflict` says so (components/error_summary.html draws it). A failed action
    leaves nothing in the unit of work. With a successful one the draft of the form goes (`web.drafts`).

    *check* adds further errors to the form and says whether there were none; it runs beside the form's own checks, so
    that all errors are shown at once.

    *current* is the version of the object now. Where the form was drawn from another version, nothing is done; the
    sentence is that of *changed_by*, and the form then carries the new version, so that sending it again keeps one's
    own text. Forbidden, NotFound, TooMany and Gone of *act* propagate to the error page, which shows what was typed
    (`web.unsent_text`).
    """
    form.conflict = ""
    valid = is_valid(form)
    if check is not None and not check():
        valid = False
    if not valid:
        return 422
    try:
        if current is not None:
            _check_version(form, current, changed_by)
        with ctx().session.begin_nested():
            act()
            drafts.end_draft(form)
    except Refused as refusal:
        form.reject(refusal)
        return 422
    except Conflict as conflict:
        form.conflict = conflict.message or someone_else_changed_it()
        return 409
    except IntegrityError as problem:
        # Two writers at the same moment: the constraint admitted the first. Any other violation is a defect.
        if not isinstance(problem.orig, RACES):
            raise
        log.warning("a constraint refused a write: %s", problem.orig)
        form.conflict = someone_else_changed_it()
        return 409
    return 0


def is_valid(form: Any) -> bool:
    """Whether *form* was sent with a valid token and valid fields, and every plain file could be staged.

    All errors of the form are on it afterwards, the problems of files included.
    """
    valid: bool = form.validate_on_submit()
    problems = getattr(form, "upload_problems", [])
    if problems:
        form.attachments.errors = [*form.attachments.errors, *problems]
    return valid and not problems


def problem_of(form: Any) -> str:
    """The first sentence that a form refused by `submit_form` has, for scripts that show one."""
    sentences = [form.conflict, *form.form_errors, *(str(error) for field in form for error in field.errors)]
    return next(filter(None, sentences), "")


def someone_else_changed_it() -> str:
    """The sentence of a conflict with an unknown author."""
    return _("Somebody else changed this while you were working on it.")


def _check_version(form: Any, current: object, changed_by: Callable[[], str] | None) -> None:
    """Raise Conflict where *form* was drawn from another version than *current*, which it then carries; a form without
    a version is taken as it is."""
    drawn_from = getattr(form, "version", None)
    if drawn_from is not None and drawn_from.data and drawn_from.data != str(current):
        drawn_from.data = str(current)
        raise Conflict((changed_by and changed_by()) or someone_else_changed_it())
