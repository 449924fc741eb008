"""Requests for a link by mail. The web request only stores the wish; the worker finds out whether the person exists. So
a known and an unknown address, a right and a wrong password have the same response time and the same answer.
"""

from portal.identity import actions, queries, throttle
from portal.identity.models import LinkRequest
from portal.identity.sign_in_ways import closed_method_sentence
from portal.kernel import ids, outbox
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.database import table_of
from portal.kernel.events import wake_after_commit

# The kind of due work that answers a request.
LINK_REQUEST = "link_request"
SIGN_UP = "sign_up"


def ask_for_link(ctx: Context, purpose: str, email: str, *, name: str = "", entitled: bool = True) -> Id:
    """Let the worker mail a link to *email*: `actions.RESET`, `actions.SIGN_IN`, `actions.SIGN_IN_CODE` or SIGN_UP.
    Returns the id of the request.

    Not *entitled* (a wrong password): it is written down like any other, and nothing is mailed.
    """
    request_id = ids.new_id()
    row = {
        "id": request_id,
        "provider_id": ctx.provider_id,
        "purpose": purpose,
        "email": email,
        "name": name,
        "entitled": entitled,
        "asked_at": ctx.now,
    }
    ctx.session.execute(table_of(LinkRequest).insert(), row)
    outbox.schedule(ctx.session, ctx.provider_id, LINK_REQUEST, request_id, ctx.now)
    wake_after_commit(ctx)
    return request_id


def answer_request(ctx: Context, request_id: Id) -> None:
    """Mail the requested link if the person exists, and delete the request."""
    request = ctx.session.get(LinkRequest, request_id)
    if request is None:
        return
    ctx.session.delete(request)
    if not request.entitled or _is_closed(ctx, request.email):
        return
    if request.purpose == actions.RESET:
        actions.ask_reset(ctx, request.email)
    elif request.purpose == SIGN_UP:
        actions.ask_sign_up(ctx, name=request.name, email=request.email)
    elif request.purpose == actions.SIGN_IN_CODE:
        user = queries.user_by_email(ctx, request.email)
        if user is not None and user.ended_at is None:
            actions.send_sign_in_code(ctx, user, request_id)
    elif request.purpose == actions.SIGN_IN:
        user = queries.user_by_email(ctx, request.email)
        if user is not None and user.ended_at is None and throttle.may_confirm(ctx, str(user.id)):
            actions.confirm_sign_in(ctx, user)


def _is_closed(ctx: Context, email: str) -> bool:
    """Whether links are closed to the person with this address, because their organization signs its people in."""
    user = queries.user_by_email(ctx, email)
    return user is not None and closed_method_sentence(ctx, user, "link") != ""
