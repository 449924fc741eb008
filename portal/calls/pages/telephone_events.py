"""Messages of telephone systems (`POST /phone/events`): the token is the key, no cookie counts here. Everything is
answered in JSON and in English, for whoever sets the telephone system up."""

import json
from typing import Any

from flask import Response, request
from limits import RateLimitItemPerMinute

from portal.calls.actions.incoming_calls import take_event
from portal.calls.engine.telephone_events import LONGEST_MESSAGE, FieldProblem, TelephoneEvent, read_message
from portal.calls.queries.telephone_systems import system_of_token
from portal.identity.throttle import counters
from portal.kernel.context import Context
from portal.kernel.system_context import as_system
from portal.web.bearer_tokens import sent_bearer_token

# Messages a minute: of one telephone system, and from one place whatever its token.
OF_SYSTEM = RateLimitItemPerMinute(600, namespace="telephone-system")
FROM_PLACE = RateLimitItemPerMinute(1200, namespace="telephone-place")
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def answer_event(context: Context) -> Response:
    """Take the message of this request. An answer of 400 and above stores nothing."""
    if not counters().count(FROM_PLACE, f"{context.provider_id} {context.ip}"):
        return refuse(429, "Too many messages from this place. Try again in a minute")
    token = sent_bearer_token()
    with as_system(context) as inner:
        # The same answer for no token, an unknown or a revoked one, and a telephone system that is switched off.
        system = system_of_token(inner, token) if token else None
        if system is None:
            return refuse(401, "A valid bearer token is needed")
        if not counters().count(OF_SYSTEM, str(system.id)):
            return refuse(429, "Too many messages of this telephone system. Try again in a minute")
        event = _read_event()
        if isinstance(event, Response):
            return event
        row = take_event(inner, system, event)
        return _answer(200, {"call": row.external_id, "state": row.state})


def _read_event() -> TelephoneEvent | Response:
    """The message of the request, or the answer that says what is wrong with it."""
    if (request.content_length or 0) > LONGEST_MESSAGE:
        return refuse(413, f"The message is longer than {LONGEST_MESSAGE} bytes")
    if request.mimetype == FORM:
        found: Any = read_message(request.form.to_dict())
    elif request.mimetype == JSON:
        raw = request.get_data(cache=False)
        if len(raw) > LONGEST_MESSAGE:
            return refuse(413, f"The message is longer than {LONGEST_MESSAGE} bytes")
        try:
            found = read_message(json.loads(raw))
        except (ValueError, RecursionError):
            return refuse(400, "The message is not JSON")
    else:
        return refuse(415, f"Send {JSON} or {FORM}")
    if isinstance(found, TelephoneEvent):
        return found
    return refuse(422, "The message was not understood", found)


def refuse(status: int, error: str, problems: list[FieldProblem] | None = None) -> Response:
    """The answer of *status* that says what is wrong, with the fields that have *problems*."""
    body: dict[str, Any] = {"error": error}
    if problems:
        body["problems"] = [{"field": one.field, "problem": one.problem} for one in problems]
    answer = _answer(status, body)
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="phone"'
    if status == 429:
        answer.headers["Retry-After"] = "60"
    return answer


def _answer(status: int, body: dict[str, Any]) -> Response:
    answer = Response(json.dumps(body), status, content_type=JSON)
    answer.headers["Cache-Control"] = "no-store"
    return answer
