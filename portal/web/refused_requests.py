"""Requests that were refused, and forms without a valid token, are security events; stored after the answer."""

import re

from flask import Flask, Response, g, request

from portal.kernel import security_events
from portal.web import csrf
from portal.web.deferred_writes import defer_write

FORBIDDEN = 403
# A part of an address that names an object, with the rule for it: `<key:key>`.
_VARIABLE = re.compile(r"<[^>]*>")


def register_refused_requests(app: Flask) -> None:
    """Count each refused request. Registered after the deferred writes, so that it runs before they are planned."""

    @app.after_request
    def count(response: Response) -> Response:
        kind = _kind_of(response)
        context = g.get("ctx")
        if kind and context is not None and context.actor.provider_id is not None:
            user_id, address = context.actor.user_id, f"{request.method} {_address()}".strip()
            defer_write(lambda later: security_events.count_try(later, kind, user_id, address))
        return response


def _address() -> str:
    """The address without ids and keys: `/cases/…/replies`."""
    return _VARIABLE.sub("…", str(request.url_rule or ""))


def _kind_of(response: Response) -> str:
    """The kind of try of this request; '' for an ordinary one."""
    if response.status_code == FORBIDDEN:
        return security_events.REQUEST_FORBIDDEN
    judged = request.method not in csrf.SAFE and "csrf_valid" in g and not csrf.is_replayed()
    if judged and request.url_rule is not None and not csrf.has_valid_token():
        return security_events.FORM_REFUSED
    return ""
