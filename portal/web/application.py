"""The Flask application class: one commit place around every view."""

from collections.abc import MutableMapping
from typing import Any

from flask import Flask, Response, request
from flask.templating import Environment
from flask_babel import gettext as _

from portal.kernel import uow
from portal.kernel.database import db
from portal.web import csrf
from portal.web.errors import error_page


class Templates(Environment):
    """Flask's template environment, whose templates share its globals.

    Jinja puts a ChainMap over the globals for each template, so that a template could have its own; none here has. A
    page imports and includes dozens of templates, and each time all names would be compared through that map.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


class Parley(Flask):
    """Unsafe requests commit when they answer below 400 and carried a valid token; everything else rolls back."""

    jinja_environment = Templates

    def dispatch_request(self) -> Response:
        answer: Any = super().dispatch_request()
        response: Response = self.make_response(answer)
        if request.method in csrf.SAFE or response.status_code >= 400:
            return response
        if not csrf.has_valid_token():
            uow.roll_back(db.session)
            return error_page(422, message=_("This page was open for a long time. Go back, check and send again."))
        uow.commit(db.session)
        return response

    def handle_user_exception(self, e: Exception) -> Any:
        uow.roll_back(db.session)
        return super().handle_user_exception(e)
