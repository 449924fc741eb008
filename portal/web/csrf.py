"""Nothing commits without a valid form token: checked once for every unsafe request, whatever the view does.

The check does not answer by itself, so that a form can be shown again with its text; it only forbids the commit.
"""

from flask import Flask, g, request
from flask_wtf.csrf import generate_csrf, validate_csrf
from wtforms import ValidationError

from portal.web import host_keys

# The key in the WSGI environment of a request that only draws an earlier form again (web.replay).
REPLAYED = "parley.replayed_form"
SAFE = ("GET", "HEAD", "OPTIONS")


def register_csrf_check(app: Flask) -> None:
    """Judge the token of each unsafe request before its view runs."""

    @app.before_request
    def judge() -> None:
        if request.method not in SAFE:
            g.csrf_valid = _valid()


def form_token() -> str:
    """The token that a form of this answer carries; it holds for this browser and this host."""
    return str(generate_csrf(secret_key=host_keys.form_key()))


def _valid() -> bool:
    if is_replayed():
        return False
    token = request.headers.get("X-CSRFToken") or request.form.get("csrf_token")
    try:
        validate_csrf(token, secret_key=host_keys.form_key())
    except ValidationError:
        return False
    return True


def is_replayed() -> bool:
    """Whether this request draws an earlier form again: its token is not valid, so nothing of it is stored."""
    return bool(request.environ.get(REPLAYED))


def has_valid_token() -> bool:
    """Whether this request carried a valid token."""
    return bool(g.get("csrf_valid", False))
