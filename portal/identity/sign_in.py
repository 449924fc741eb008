"""Signing in, however somebody proves who they are. Passwords do today; Google, Microsoft, an organization's own
sign-in, mailed links and second factors end in the same `complete_sign_in`.
"""

from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

from flask import request
from flask_babel import gettext as _

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.identity import actions, queries, throttle
from portal.identity.link_requests import ask_for_link
from portal.identity.models import User
from portal.kernel import security_events, text
from portal.kernel.context import Context
from portal.kernel.errors import NotFound, Refused
from portal.web import current, deferred_writes, known_browser, login

LONGEST_PATH = 2000
# Pages that nobody is sent back to after signing in.
_SIGN_IN_PATHS = ("/sign-in", "/sign-out", "/sign-up", "/invite/", "/password", "/email/")


def _no_first_page(_ctx: Context) -> str:
    return ""


_first_page: Callable[[Context], str] = _no_first_page


def register_first_page(find: Callable[[Context], str] | None) -> None:
    """Let *find* say where a person lands after signing in, in place of their home page; '' for the home page."""
    global _first_page
    _first_page = find or _no_first_page


def authenticate(ctx: Context, email: str, password: str) -> User:
    """The person with this address and password. Always one argon2 verification.

    This includes a person whose access has ended, because only the right password may reveal that. Raises Refused
    without saying what was wrong; TooMany after too many wrong ones from here, when a right one is confirmed by mail.
    """
    user = queries.user_by_email(ctx, email)
    browser = known_browser.read_nonce(user.id) if user else ""
    source = throttle.source_of(ctx, str(user.id) if user else email, browser)
    may_answer = throttle.may_answer(source)
    right = actions.knows_password(ctx, user, password)
    if not may_answer:
        # Stored after the answer, and for a wrong password too, so that neither text nor response time reveals which it
        # was.
        deferred_writes.defer_write(lambda later: ask_for_link(later, actions.SIGN_IN, email, entitled=right))
        count_try_after_answer(security_events.SIGN_IN_THROTTLED, user)
        raise throttle.too_many(source)
    if user is None or not right:
        throttle.count_failure(source)
        count_try_after_answer(security_events.SIGN_IN_FAILED, user)
        raise Refused(_("The email or password is not right. Try again or ask for a new password"))
    throttle.clear_failures(source)
    return user


def count_try_after_answer(kind: str, user: User | None) -> None:
    """Count a try against *user* (None: nobody here) as a security event, once this request was answered."""
    user_id = user.id if user else None
    deferred_writes.defer_write(lambda later: security_events.count_try(later, kind, user_id))


def count_link_request_after_answer(kind: str, email: str) -> None:
    """Count a request for a link to *email*. The person is looked up after the answer."""

    def count(later: Context) -> None:
        user = queries.user_by_email(later, email)
        security_events.count_try(later, kind, user.id if user else None)

    deferred_writes.defer_write(count)


def complete_sign_in(ctx: Context, user: User, *, method: str, next: str = "") -> str:
    """Sign the proven *user* in on this browser and return where they land; records `session.started`.

    A person who was signed in on this browser is signed out. The cookie is replaced, with a new form secret, so that
    one planted earlier has no effect. Raises Refused for somebody who has no place here any more.
    """
    end_current(ctx)
    if user.ended_at is not None or not current.continue_as(user):
        raise Refused(_("Your access has ended. Ask your administrator, or call or email us"))
    token = actions.start_session(ctx, user, user_agent=request.user_agent.string, method=method)
    login.store_session_token(token)
    known_browser.remember_user(user.id)
    return safe_next_path(next) or _first_page(ctx) or home_path(ctx)


def sign_out(ctx: Context) -> None:
    """End this browser's sign-in and empty its cookie; records `session.ended`."""
    end_current(ctx)
    login.clear_session_token()


def end_current(ctx: Context) -> None:
    """End the sign-in that this request came with, if it came with one."""
    if ctx.session_id is not None:
        with suppress(NotFound):  # the actor now is not the person who was signed in here
            actions.end_session(ctx, queries.own_session(ctx, ctx.session_id))
        ctx.session_id = None


def home_path(ctx: Context) -> str:
    """The home page of the acting person."""
    if not ctx.actor.is_staff:
        return "/"
    return "/desk" if can(ctx.actor, Permission.DESK_USE) else "/admin"


def safe_next_path(value: str | None) -> str:
    """*value* if it is a path of this very host that can be opened after signing in, else ''."""
    if not value or len(value) > LONGEST_PATH or "\\" in value or text.clean_line(value) != value:
        return ""
    try:
        parts = urlsplit(value)
    except ValueError:
        return ""
    if parts.scheme or parts.netloc or not value.startswith("/") or value.startswith("//"):
        return ""
    return "" if parts.path.startswith(_SIGN_IN_PATHS) else value
