"""Error pages: a sentence and a link to go on (ux.md X-03), without a traceback and without the URL."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, current_app, g, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException, RequestedRangeNotSatisfiable, RequestEntityTooLarge, SecurityError

from portal.kernel import errors
from portal.web.current import keep_form
from portal.web.guards import ProofNeeded, SignInNeeded
from portal.web.htmx import wants_fragment
from portal.web.role_labels import say_who_may
from portal.web.unsent_text import read_unsent_files, read_unsent_text

log = logging.getLogger(__name__)
# Below this, some pages are read before sign-in and others after it.
READ_BEFORE_SIGN_IN = "/help/"
PAGES = {400, 401, 403, 404, 405, 409, 410, 413, 429, 500, 503}
# The beginning of addresses that programs ask to what draws an answer of (status, sentence) for them.
_FOR_PROGRAMS: dict[str, Callable[[int, str], Response]] = {}


def register_program_errors(prefix: str, draw: Callable[[int, str], Response]) -> None:
    """Let *draw* answer whatever goes wrong at addresses that begin with *prefix*, also at those that are not there."""
    _FOR_PROGRAMS[prefix] = draw


def register_error_pages(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(SignInNeeded, _redirect_to_sign_in)
    app.register_error_handler(ProofNeeded, _redirect_to_proof)
    app.register_error_handler(errors.PortalError, _portal_error_page)
    app.register_error_handler(HTTPException, _http_error_page)
    app.register_error_handler(IntegrityError, _constraint_page)
    app.register_error_handler(DataError, _unreadable_value_page)
    app.register_error_handler(UnicodeEncodeError, _unreadable_value_page)
    app.register_error_handler(OperationalError, _unavailable_page)
    app.register_error_handler(Exception, _unexpected_page)


def error_page(status: int, **values: Any) -> Response:
    """The page of *status* in the reader's layout, or in a plain one if that layout cannot be rendered; for programs
    what they read."""
    for prefix, draw in _FOR_PROGRAMS.items():
        if request.path.startswith(prefix):
            return draw(status, str(values.get("message") or _default_sentence(status)))
    if request.path.startswith("/uploads") or _asks_for_json():
        answer = jsonify(message=values.get("message") or _default_sentence(status))
        answer.status_code = status
        return answer
    if status >= 500:  # the words of the log's lines about this request: who asks for help reads them out
        values.setdefault("reference", g.get("request_id", ""))
    template = f"errors/{status if status in PAGES else 400}.html"
    values.setdefault("error_layout", _layout())
    values.setdefault("unsent", read_unsent_text())
    values.setdefault("unsent_files", read_unsent_files())
    if status == 404:
        known = getattr(g.get("ctx"), "person", None) is not None
        values.setdefault("cause", missing_sentence(request.path, known=known))
        if not known and request.path.startswith(READ_BEFORE_SIGN_IN):
            values.setdefault("sign_in_href", url_for("identity.sign_in", next=request.path))
    values.setdefault("reason", values.get("message") or _who_may(values.get("who_may", ())))
    try:
        g.error_status = status
        response = make_response(render_template(template, **values), status)
    except Exception:
        log.exception("an error page could not be drawn")
        g.pop("page_frame", None)
        words = _("Something broke on our side. Nothing was lost.")
        response = make_response(" ".join(filter(None, (words, str(values.get("reference", ""))))), status)
    if status == 429 and values.get("wait"):
        response.headers["Retry-After"] = str(values["wait"])
    return response


def missing_sentence(path: str, *, known: bool) -> str:
    """Why there may be no page at *path* for a reader who is signed in (*known*) or not: the same for what does not
    exist and for what is somebody else's."""
    if not known and path.startswith(READ_BEFORE_SIGN_IN):
        return _("The address may be mistyped, or you must sign in to read this.")
    if not known:
        return _("The address may be mistyped, or only a part of a link was copied.")
    if path.startswith(("/cases/", "/desk/cases/")) and not path.startswith("/cases/filters/"):
        return _("The address may be mistyped, or the case is not shared with you.")
    if path.startswith("/desk/outbox/"):
        return _("The reply was already sent, or taken back: look into its case.")
    if path.startswith("/admin/"):
        return _("The address may be mistyped, or what it leads to was deleted.")
    return _("The address may be mistyped, or this page is not open to you.")


def _asks_for_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _who_may(roles: Iterable[str]) -> str:
    ctx = g.get("ctx")
    return say_who_may(roles, staff=ctx is not None and ctx.actor.is_staff)


def _default_sentence(status: int) -> str:
    return {
        401: _("You are signed out."),
        404: _("We cannot find this file."),
        413: _("The files are too large."),
        403: _("You cannot do this."),
    }.get(status, _("That did not work. Try again."))


def _layout() -> str:
    if getattr(g.get("ctx"), "person", None) is None:
        return "layouts/outside.html"
    if request.path.startswith("/admin"):
        return "layouts/admin.html"
    return "layouts/desk.html" if g.ctx.actor.is_staff else "layouts/portal.html"


def _redirect_to_sign_in(_needed: SignInNeeded) -> Any:
    """Lead to the sign-in, and from there back; a form that could not be kept on the way is shown to be copied."""
    kept = keep_form() if request.method == "POST" else ""
    here = request.full_path.rstrip("?") if request.method == "GET" else kept or request.path
    to = url_for("identity.sign_in", next=here)
    if not kept and (read_unsent_text() or read_unsent_files()):
        return error_page(401, sign_in_href=to)
    if _asks_for_json():
        return error_page(401)
    if wants_fragment():
        answer = make_response("", 401)
        answer.headers["HX-Redirect"] = to
        return answer
    return redirect(to, 302 if request.method in ("GET", "HEAD") else 303)


def _redirect_to_proof(_needed: ProofNeeded) -> Any:
    """Lead to the page that asks for a proof, and from there to the form with everything that was typed."""
    to = url_for("identity.prove", next=keep_form() or request.full_path.rstrip("?"))
    if wants_fragment():
        answer = make_response("", 204)
        answer.headers["HX-Redirect"] = to
        return answer
    return redirect(to, 303)


def _portal_error_page(problem: errors.PortalError) -> Response:
    values: dict[str, Any] = {"message": problem.message}
    if isinstance(problem, errors.Forbidden):
        values["who_may"] = problem.who_may
    if isinstance(problem, errors.TooMany):
        values["wait"] = problem.wait
    return error_page(problem.status if problem.status in PAGES else 409, **values)


def _http_error_page(problem: HTTPException) -> Any:
    status = problem.code or 500
    if status in (301, 302, 303, 307, 308):
        return problem
    if isinstance(problem, SecurityError):
        status = 400
    if isinstance(problem, RequestEntityTooLarge):
        return error_page(413)
    if status == 405:
        response = error_page(405)
        response.headers["Allow"] = ", ".join(getattr(problem, "valid_methods", None) or [])
        return response
    if isinstance(problem, RequestedRangeNotSatisfiable):
        return problem.get_response()  # for a download manager, not for a reader
    return error_page(status if status in PAGES else (500 if status >= 500 else 400))


def _constraint_page(problem: IntegrityError) -> Response:
    """The page for the second of two writers that violated a constraint. It is logged, because the action should have
    refused with a better sentence."""
    log.warning("a constraint refused a write: %s", problem.orig)
    return error_page(409)


def _unreadable_value_page(problem: DataError | UnicodeEncodeError) -> Response:
    """The page for a value that no column can hold: a NUL, or half of a character (which JSON can spell)."""
    log.warning("the database could not read a value: %s", getattr(problem, "orig", problem))
    return error_page(400)


def _unavailable_page(problem: OperationalError) -> Response:
    log.error("the database is not available: %s", problem.orig)
    return error_page(503)


def _unexpected_page(problem: Exception) -> Response:
    if current_app.testing:
        raise problem
    log.exception("unexpected failure")
    return error_page(500)
