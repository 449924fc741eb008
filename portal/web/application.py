"""The Flask application class: one commit place around every view."""

from typing import Any

from flask import Flask, Response, request
from flask_babel import gettext as _

from portal.kernel import uow
from portal.kernel.database import db
from portal.web import csrf
from portal.web.errors import error_page


class Parley(Flask):
    """Unsafe requests commit when they answer below 400 and carried a valid token; everything else rolls back."""

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
