"""A browser without a screen: one person, one host, cookies of their own; it checks every page it is shown."""

import contextvars
from collections.abc import Callable
from functools import cached_property
from typing import Any

from flask import Flask, Response
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import EnvironBuilder, TestResponse

from portal.web import csrf, host_keys
from tests.support import html_checks
from tests.support.page import Form, Page, parse

COOKIE = "parley"
RAW_TOKEN = "0123456789abcdef0123456789abcdef01234567"


class Answer(TestResponse, Response):
    """What came back; `page` is its HTML."""

    @cached_property
    def page(self) -> Page:
        return parse(self.get_data(as_text=True))

    @property
    def is_page(self) -> bool:
        """Whether it is a whole page, not a fragment."""
        return "<html" in self.get_data(as_text=True)[:600]


class Browser(FlaskClient):
    """The test client. Unsafe requests carry a valid csrf token unless told otherwise (`csrf=False`)."""

    def __init__(
        self,
        app: Flask,
        host: str,
        *,
        before: Callable[[], Any] = lambda: None,
        after: Callable[[Any], None] = lambda _held: None,
    ) -> None:
        super().__init__(app, Answer, use_cookies=True)
        self.host = host
        self._before, self._after = before, after

    def open(self, *args: Any, csrf: bool = True, checked: bool = True, **kwargs: Any) -> Any:  # type: ignore[override]
        """Send a request outside the test's own context, as a server would get it; a faulty page fails the test."""
        if not (args and isinstance(args[0], EnvironBuilder)):
            kwargs.setdefault("base_url", f"http://{self.host}")
            if args and isinstance(args[0], str) and args[0].startswith("http"):
                args = ("/" + args[0].split("/", 3)[3], *args[1:])
            if csrf:
                self._add_token(kwargs)
        held = self._before()
        try:
            response = contextvars.Context().run(super().open, *args, **kwargs)
        finally:
            self._after(held)
        if checked and response.status_code // 100 != 3 and response.mimetype == "text/html" and response.data:
            faults = html_checks.find_faults(response.page, whole=response.is_page)
            assert not faults, f"{response.request.path}: " + "; ".join(faults)
        return response

    def hx(self, path: str, *, method: str = "GET", target: str = "", **kwargs: Any) -> Any:
        """Ask as htmx does."""
        headers = {"HX-Request": "true", **({"HX-Target": f"div#{target}"} if target else {})}
        return self.open(path, method=method, headers={**headers, **kwargs.pop("headers", {})}, **kwargs)

    def submit(self, form: Form, **fields: Any) -> Any:
        """Send *form* as a person would, with *fields* filled in; hidden fields and the token are its own."""
        data = form.filled(**fields)
        if form.method == "get":
            return self.get(form.action, query_string=data)
        return self.post(form.action, data=data)

    # -- the cookie ---------------------------------------------------------------------------------------------------

    @property
    def cookie(self) -> dict[str, Any]:
        """What the session cookie says."""
        stored = self.get_cookie(COOKIE, self.host)
        return dict(self._signer.loads(stored.value)) if stored and stored.value else {}

    def remember(self, **values: Any) -> None:
        """Write into the session cookie, as a view would."""
        self.set_cookie(COOKIE, self._signer.dumps({**self.cookie, **values}), domain=self.host)

    def csrf_token(self) -> str:
        """A valid form token for this browser."""
        raw = self.cookie.get("csrf_token")
        if raw is None:
            raw = RAW_TOKEN
            self.remember(csrf_token=raw)
        key = host_keys.host_key(self.application, "form token", self.host)
        return str(URLSafeTimedSerializer(key, salt="wtf-csrf-token").dumps(raw))

    @property
    def _signer(self) -> Any:
        return host_keys.HostSessions().serializer_at(self.application, self.host)

    def _add_token(self, kwargs: dict[str, Any]) -> None:
        if kwargs.get("method", "GET") in csrf.SAFE:
            return
        data = kwargs.get("data")
        if data is None and "json" not in kwargs:
            data = {}
        if isinstance(data, dict):
            kwargs["data"] = {"csrf_token": self.csrf_token(), **data}
        else:
            kwargs["headers"] = {"X-CSRFToken": self.csrf_token(), **dict(kwargs.get("headers") or {})}
