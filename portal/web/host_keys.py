"""Keys that hold for one host: what a browser got at one provider's host is worth nothing at another's."""

import hashlib
import hmac

from flask import Flask, Response, current_app, has_request_context, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from itsdangerous import URLSafeTimedSerializer
from werkzeug.exceptions import SecurityError


def host_name() -> str:
    """The host of this request without its port, lower case; '' outside a request and for one that is no host."""
    if not has_request_context():
        return ""
    try:
        host = request.host
    except SecurityError:
        return ""
    return host if host.endswith("]") else host.rsplit(":", 1)[0].lower()


def host_key(app: Flask, purpose: str, host: str) -> str:
    """The key for *purpose* at *host*, derived from the secret key."""
    return hmac.new(str(app.secret_key).encode(), f"{purpose} {host}".encode(), hashlib.sha256).hexdigest()


def form_key() -> str:
    """The key that signs the form tokens of this request's host."""
    return host_key(current_app, "form token", host_name())


class HostSessions(SecureCookieSessionInterface):
    """Flask's session in a signed cookie; the signature holds for the host that set it. A static file is nobody's: its
    answer neither sets the cookie nor depends on it, so that every cache may keep it."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if request.endpoint != "static" or response.status_code >= 400:
            super().save_session(app, session, response)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        return self.serializer_at(app, host_name())

    def serializer_at(self, app: Flask, host: str) -> URLSafeTimedSerializer:
        """What signs and reads the session cookie of *host*."""
        return URLSafeTimedSerializer(
            host_key(app, "session cookie", host),
            salt=self.salt,
            serializer=self.serializer,
            signer_kwargs={"key_derivation": self.key_derivation, "digest_method": hashlib.sha256},
        )
