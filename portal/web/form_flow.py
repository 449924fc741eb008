"""The one way of a submitted form: validate, act in a savepoint, answer 303, 422 or 409 with everything typed kept."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from portal.kernel.errors import Conflict, Refused
from portal.web.current import ctx

T = TypeVar("T")


def submit_form(
    form: Any,
    act: Callable[[], T],
    *,
    done: Callable[[T], Response],
    show: Callable[[int], Response],
    version: Callable[[], object] | None = None,
    changed_by: Callable[[], str] | None = None,
) -> Response:
    """Validate *form*, call *act* in a savepoint, and answer.

    *act* calls one action and returns its result; *done* turns the result into the answer, a 303 to the object's page.
    Every other outcome is *show(status)*: the page with the same form, with everything typed kept. The status is 422
    where the form or the action refuses the input, 409 where the object changed since the form was drawn.

    *version* reads the version that the object has now. Where the form carries another one, nothing is done and the
    answer is 409 with the sentence of *changed_by* (who changed it); the form then carries the new version, so that
    sending it again keeps one's own text. Forbidden, NotFound, TooMany and Gone of *act* propagate to the error page,
    which shows what was typed (`web.unsent_text`).
    """
    status, result = _try_form(form, act, version, changed_by)
    if status:
        if version is not None and getattr(form, "version", None) is not None:
            form.version.data = str(version())
        return show(status)
    return done(result)  # type: ignore[arg-type]


def _try_form(
    form: Any,
    act: Callable[[], T],
    version: Callable[[], object] | None,
    changed_by: Callable[[], str] | None,
) -> tuple[int, T | None]:
    """(0, result of *act*), or (status, None) with the sentences on *form*."""
    form.conflict = ""
    if not is_valid(form):
        return 422, None
    try:
        if version is not None:
            _check_version(form, version(), changed_by)
        with ctx().session.begin_nested():
            return 0, act()
    except Refused as refusal:
        form.reject(refusal)
        return 422, None
    except Conflict as conflict:
        form.conflict = conflict.message or someone_else_changed_it()
        return 409, None
    except IntegrityError:
        # Two writers at the same moment; the constraint admitted the first.
        form.conflict = someone_else_changed_it()
        return 409, None


def is_valid(form: Any) -> bool:
    """Whether *form* was sent with a valid token and valid fields, and every plain file could be staged.

    All errors of the form are on it afterwards, the problems of files included.
    """
    valid: bool = form.validate_on_submit()
    problems = getattr(form, "upload_problems", [])
    if problems:
        form.attachments.errors = [*form.attachments.errors, *problems]
    return valid and not problems


def someone_else_changed_it() -> str:
    """The sentence of a conflict whose author is not known."""
    return _("Somebody else changed this while you were working on it.")


def _check_version(form: Any, current: object, changed_by: Callable[[], str] | None) -> None:
    """Raise Conflict where *form* was drawn from another version than *current*; a form without one is taken as it
    is."""
    drawn_from = getattr(form, "version", None)
    if drawn_from is not None and drawn_from.data and drawn_from.data != str(current):
        raise Conflict((changed_by and changed_by()) or someone_else_changed_it())
