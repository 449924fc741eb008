"""The check of form tokens: once for every unsafe request, whatever the view does. Without a valid token nothing is
committed.

The check does not answer by itself, so that a form can be shown again with its text; it only forbids the commit.
"""

import base64
import secrets
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, g, request
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from flask_wtf.csrf import generate_csrf, validate_csrf
from wtforms import ValidationError

from portal.web import host_keys

# The key in the WSGI environment of a request that only draws an earlier form again (web.replay).
REPLAYED = "parley.replayed_form"
# How a masked token begins; a signed one begins with a quote in base64.
MASKED = "~"
SAFE = ("GET", "HEAD", "OPTIONS")


def register_csrf_check(app: Flask) -> None:
    """Check the token of each unsafe request before its view runs."""

    @app.before_request
    def judge() -> None:
        if request.method not in SAFE:
            g.csrf_valid = _valid() or is_one_click() or is_signed_message()


def takes_one_click(view: Callable[..., Any]) -> Any:
    """Let mail programs press the button of *view* without a form token (RFC 8058). Its address holds a secret of its
    own, and it does nothing for whoever is signed in."""
    view.one_click = True  # type: ignore[attr-defined]
    return view


def is_one_click() -> bool:
    """Whether a mail program presses the button of a view that takes it."""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "one_click", False) and request.form.get("List-Unsubscribe") == "One-Click"


def takes_signed_message(view: Callable[..., Any]) -> Any:
    """Let another server send a message to *view* without a form token. The view believes only what that server signed,
    and does nothing for whoever is signed in."""
    view.signed_message = True  # type: ignore[attr-defined]
    return view


def is_signed_message() -> bool:
    """Whether this request is for a view that takes signed messages of other servers."""
    return getattr(current_app.view_functions.get(request.endpoint or ""), "signed_message", False)


def form_token() -> str:
    """The token for the forms of this answer; it is valid for this browser and this host."""
    if "form_token" not in g:
        g.form_token = mask_token(generate_csrf(secret_key=host_keys.form_key()))
    token: str = g.form_token
    return token


def mask_token(token: str) -> str:
    """*token* under a random mask of its length. Answers are compressed, and the length of a compressed page would
    reveal an unchanged token letter by letter (BREACH)."""
    plain = token.encode()
    mask = secrets.token_bytes(len(plain))
    return MASKED + base64.urlsafe_b64encode(mask + _xor(mask, plain)).decode()


def unmask_token(masked: str) -> str:
    """The token under the mask; one that is not masked as it is; '' for anything that no mask made."""
    if not masked.startswith(MASKED):
        return masked
    try:
        both = base64.urlsafe_b64decode(masked.removeprefix(MASKED))
        half = len(both) // 2
        return _xor(both[:half], both[half : 2 * half]).decode()
    except ValueError:
        return ""


def _xor(left: bytes, right: bytes) -> bytes:
    return (int.from_bytes(left) ^ int.from_bytes(right)).to_bytes(len(left))


class FormTokens(FlaskForm.Meta.csrf_class):
    """The token field of a form: rendered masked, and checked once for the request."""

    def generate_csrf_token(self, csrf_token_field: Any) -> str:
        return form_token()

    def validate_csrf_token(self, form: Any, field: Any) -> None:
        if not has_valid_token():
            raise ValidationError(
                _("You were signed out before this was sent. Check it and send it again.")
                if is_replayed()
                else _("This page was open for a long time. Check and send again.")
            )


def _valid() -> bool:
    if is_replayed():
        return False
    token = request.headers.get("X-CSRFToken") or request.form.get("csrf_token") or ""
    try:
        validate_csrf(unmask_token(token), secret_key=host_keys.form_key())
    except ValidationError:
        return False
    return True


def is_replayed() -> bool:
    """Whether this request renders an earlier form again. It has no valid token, so nothing of it is stored."""
    return bool(request.environ.get(REPLAYED))


def has_valid_token() -> bool:
    """Whether this request carried a valid token."""
    return bool(g.get("csrf_valid", False))
