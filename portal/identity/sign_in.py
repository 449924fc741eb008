"""Signing in, however somebody proves who they are: a password, a mailed link, an identity provider and a passkey end
in the same `complete_sign_in`, which asks for a second factor where one is needed.
"""

from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

from flask import request
from flask_babel import gettext as _

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.identity import actions, factor_steps, queries, throttle
from portal.identity.factor_rules import FactorRule
from portal.identity.link_requests import ask_for_link
from portal.identity.models import User
from portal.identity.sign_in_ways import closed_method_sentence
from portal.kernel import security_events, text
from portal.kernel.context import Context
from portal.kernel.errors import NotFound, Refused
from portal.kernel.system_context import act_as
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


def _no_rule(_ctx: Context, _user: User) -> FactorRule | None:
    return None


def _is_no_factor(_ctx: Context, _user: User, _method: str) -> bool:
    return False


_find_factor_rule: Callable[[Context, User], FactorRule | None] = _no_rule
_counts_as_factor: Callable[[Context, User, str], bool] = _is_no_factor
# Ways to sign in that prove two things by themselves: possession and a PIN or finger.
PROVES_BOTH = frozenset({"passkey"})


def register_factor_rules(
    find_rule: Callable[[Context, User], FactorRule | None], counts_as_factor: Callable[[Context, User, str], bool]
) -> None:
    """Let *find_rule* say which rule asks somebody for a second factor, and *counts_as_factor* whether the way by which
    they signed in counts as one (docs/decisions/0026-second-factors.md)."""
    global _find_factor_rule, _counts_as_factor
    _find_factor_rule, _counts_as_factor = find_rule, counts_as_factor


def factor_rule_of(ctx: Context, user: User) -> FactorRule | None:
    """The rule that asks *user* for a second factor; None where none does."""
    return _find_factor_rule(ctx, user)


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
        deferred_writes.defer_write(lambda later: _confirm_by_link(later, email, entitled=right))
        count_try_after_answer(security_events.SIGN_IN_THROTTLED, user)
        raise throttle.too_many(source)
    if user is None or not right:
        throttle.count_failure(source)
        count_try_after_answer(security_events.SIGN_IN_FAILED, user)
        raise Refused(_("The email or password is not right. Try again or ask for a new password"))
    throttle.clear_failures(source)
    return user


def _confirm_by_link(ctx: Context, email: str, *, entitled: bool) -> None:
    ask_for_link(ctx, actions.SIGN_IN, email, entitled=entitled)


def count_try_after_answer(kind: str, user: User | None) -> None:
    """Count a try against *user* (None: nobody here) as a security event, once this request was answered."""
    user_id = user.id if user else None
    deferred_writes.defer_write(lambda later: security_events.count_try(later, kind, user_id))


def warn_after_answer(user: User) -> None:
    """Tell *user*, once this request was answered, that somebody used up the tries of codes."""
    user_id = user.id

    def warn(later: Context) -> None:
        actions.warn_of_wrong_codes(later, later.session.get_one(User, user_id))

    deferred_writes.defer_write(warn)


def count_link_request_after_answer(kind: str, email: str) -> None:
    """Count a request for a link to *email*. The person is looked up after the answer."""

    def count(later: Context) -> None:
        user = queries.user_by_email(later, email)
        security_events.count_try(later, kind, user.id if user else None)

    deferred_writes.defer_write(count)


def complete_sign_in(ctx: Context, user: User, *, method: str, next: str = "", outside_sid: str = "") -> str:
    """Go on with the proven *user* on this browser, and return the page to lead to.

    That is their first page, once they are signed in (`begin_session`); or, where a second factor is needed, the page
    that asks for it or sets it up (`factor_steps`), without a session so far. A browser that they trust needs none.
    A person who was signed in on this browser is signed out. *outside_sid* is the session at the identity provider that
    they came from. Raises Refused for somebody who has no place here any more.
    """
    end_current(ctx)
    if closed_method_sentence(ctx, user, method):
        raise Refused(closed_method_sentence(ctx, user, method))
    nobody = ctx.actor
    _enter(user)
    counts = method in PROVES_BOTH or _counts_as_factor(ctx, user, method)
    trusted = queries.find_trusted_device(ctx, known_browser.read_nonce(user.id)) if not counts else None
    if trusted is not None and queries.has_own_factor(ctx):
        actions.note_trusted_use(ctx, trusted)
        return _start(ctx, user, method, actions.TRUSTED, next, outside_sid=outside_sid)
    if not counts and (queries.has_own_factor(ctx) or _find_factor_rule(ctx, user) is not None):
        act_as(ctx, nobody)
        ctx.person = None
        return factor_steps.begin_step(ctx, user, method, safe_next_path(next), outside_sid)
    return _start(ctx, user, method, "", next, outside_sid=outside_sid)


def begin_session(
    ctx: Context,
    user: User,
    *,
    method: str,
    factor: str = "",
    next: str = "",
    trust: bool = False,
    outside_sid: str = "",
) -> str:
    """Sign *user*, who proved everything that is needed, in on this browser and return where they land; records
    `session.started`. *trust*: this browser needs no second factor of theirs for a while. Raises Refused for somebody
    who has no place here any more."""
    _enter(user)
    return _start(ctx, user, method, factor, next, trust=trust, outside_sid=outside_sid)


def _enter(user: User) -> None:
    if user.ended_at is not None or not current.continue_as(user):
        raise Refused(_("Your access has ended. Ask your administrator, or call or email us"))


def _start(
    ctx: Context, user: User, method: str, factor: str, next: str, *, trust: bool = False, outside_sid: str = ""
) -> str:
    """Replace the cookie, with a new form secret, so that one planted earlier has no effect."""
    token = actions.start_session(
        ctx,
        user,
        user_agent=request.user_agent.string,
        method=method,
        factor=factor,
        outside_sid=outside_sid,
        in_new_browser=not known_browser.read_nonce(user.id),
    )
    login.store_session_token(token)
    nonce = known_browser.remember_user(user.id)
    if trust and factor:
        actions.trust_device(ctx, user, nonce, user_agent=request.user_agent.string)
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
