"""Security headers on every answer, and client data never in a cache."""

import secrets

from flask import Flask, Response, g, request

POLICY = (
    "default-src 'none'; script-src 'self'{nonce}; style-src 'self'; img-src 'self' blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'{targets}; base-uri 'none'; frame-ancestors 'none'"
)


def script_nonce() -> str:
    """A random word of this answer. htmx obeys only elements that carry it (`hx-nonce`, the extension hx-csp).

    Templates write it; what a person typed cannot know it, so `hx-*` in there does nothing.
    """
    if "script_nonce" not in g:
        g.script_nonce = secrets.token_hex(16)
    nonce: str = g.script_nonce
    return nonce


def allow_form_target(*origins: str) -> None:
    """Let a form of this answer lead to *origins* (scheme and host) after it was sent here: browsers check
    redirects."""
    g.form_target = " ".join(origins)


def _policy() -> str:
    nonce, target = g.get("script_nonce", ""), g.get("form_target", "")
    return POLICY.format(nonce=f" 'nonce-{nonce}'" if nonce else "", targets=f" {target}" if target else "")


def register_security_headers(app: Flask) -> None:
    """Add the headers; a view may set its own Content-Security-Policy (attachments are sandboxed further)."""

    @app.after_request
    def harden(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", _policy())
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["X-Frame-Options"] = "DENY"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        headers["X-Request-Id"] = g.get("request_id", "")
        if app.config["SESSION_COOKIE_SECURE"]:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if request.endpoint != "static" or response.status_code >= 400:  # a 404 page shows whose it is
            headers.setdefault("Cache-Control", "no-store")
            response.vary.add("HX-Request")
            response.vary.add("Cookie")
        return response
