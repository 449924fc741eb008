"""/phone/events: where telephone systems say that a call rings, was answered or has ended."""

from flask import Response

from portal.calls.pages.telephone_events import answer_event, refuse
from portal.calls.routes.blueprint import calls
from portal.web.csrf import takes_signed_message
from portal.web.current import ctx
from portal.web.errors import register_program_errors
from portal.web.guards import public


@calls.post("/phone/events")
@takes_signed_message
@public("the token of the telephone system is the key")
def take_event() -> Response:
    """One message of a telephone system."""
    return answer_event(ctx())


register_program_errors("/phone/events", refuse)
