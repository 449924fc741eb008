"""Rendering a form that was sent earlier and not accepted, by the view that it was sent to."""

from collections.abc import Mapping, Sequence
from contextvars import Context as Variables
from typing import Any

from flask import Flask, Response, current_app, request
from werkzeug.test import EnvironBuilder, run_wsgi_app

from portal.kernel import uow
from portal.web.csrf import REPLAYED
from portal.web.current import ctx
from portal.web.unsent_text import LOST_FILES

_NOT_COPIED = ("HTTP_HX_", "CONTENT_", "HTTP_CONTENT_", "werkzeug.", "wsgi.input", "flask.")


def draw_form_again(path: str, fields: Mapping[str, Sequence[str]], lost_files: Sequence[str] = ()) -> Response:
    """The page that answers a POST of *fields* to *path* without a form token: the form, with everything typed kept.
    The page also has the sentences *lost_files*, about files that are not.

    *path* is a path of this host with its query. The request runs by itself, as the person of the current request;
    without a token the one commit place stores nothing. The work of the current request so far is dropped.
    """
    uow.roll_back(ctx().session)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    environ = {**_environ_of(path, fields), LOST_FILES: list(lost_files)}
    chunks, status, headers = Variables().run(lambda: run_wsgi_app(app.wsgi_app, environ, buffered=True))
    code = int(status.split()[0])
    # All headers of that answer: its page holds the nonce that its Content-Security-Policy names.
    return Response(b"".join(chunks), 200 if code == 422 else code, headers)


def _environ_of(path: str, fields: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The WSGI environment of that POST: the current one with another body and path."""
    builder = EnvironBuilder(
        path, base_url=request.host_url, method="POST", data={k: list(v) for k, v in fields.items()}
    )
    kept = {k: v for k, v in request.environ.items() if not k.startswith(_NOT_COPIED)}
    return {**kept, **builder.get_environ(), REPLAYED: True}
