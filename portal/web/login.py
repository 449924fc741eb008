"""Flask-Login identifies the person of a browser: the cookie holds a random token, and its session row can be ended
from any browser."""

from typing import Any

from flask import Flask, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from portal.kernel.actor import Id

# Where Flask-Login keeps the token in the cookie.
KEY = "_user_id"
manager = LoginManager()
# The session is rotated at sign-in and its row can be ended; a fingerprint of the browser would only lock people out.
manager.session_protection = None


class SignedIn(UserMixin):
    """A person with the row of their browser session; Flask-Login stores its token."""

    def __init__(self, token: str, person: Any = None, session_id: Id | None = None) -> None:
        self.token, self.person, self.session_id = token, person, session_id

    def get_id(self) -> str:
        return self.token


def init_login(app: Flask, find: Any) -> None:
    """Let *find* (token → person and session id, or None) return the owner of a token."""
    manager.init_app(app)

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(token: Any) -> SignedIn | None:
        found = find(token) if isinstance(token, str) else None
        return SignedIn(token, *found) if found else None


def signed_in_person() -> tuple[Any, Id] | None:
    """The person of this request and their session's id, or None. Reads the database once."""
    user = current_user
    return (user.person, user.session_id) if user.is_authenticated else None


def store_session_token(token: str) -> None:
    """Sign this browser in with *token*, in an emptied cookie, so that a cookie planted earlier has no effect."""
    session.clear()
    login_user(SignedIn(token))


def clear_session_token() -> None:
    """Empty this browser's cookie."""
    logout_user()
    session.clear()
