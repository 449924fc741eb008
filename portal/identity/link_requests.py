"""Requests for a link by mail. The web request only stores the wish; the worker finds out whether the person exists. So
a known and an unknown address, a right and a wrong password have the same response time and the same answer.
"""

from portal.identity import actions, queries, throttle
from portal.identity.models import LinkRequest
from portal.kernel import ids, outbox
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.database import table_of
from portal.kernel.events import wake_after_commit

# The kind of due work that answers a request.
LINK_REQUEST = "link_request"
SIGN_UP = "sign_up"


def ask_for_link(ctx: Context, purpose: str, email: str, *, name: str = "", entitled: bool = True) -> None:
    """Let the worker mail a link to *email*: `actions.RESET`, `actions.SIGN_IN` or SIGN_UP.

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


def answer_request(ctx: Context, request_id: Id) -> None:
    """Mail the requested link if the person exists, and delete the request."""
    request = ctx.session.get(LinkRequest, request_id)
    if request is None:
        return
    ctx.session.delete(request)
    if not request.entitled:
        return
    if request.purpose == actions.RESET:
        actions.ask_reset(ctx, request.email)
    elif request.purpose == SIGN_UP:
        actions.ask_sign_up(ctx, name=request.name, email=request.email)
    elif request.purpose == actions.SIGN_IN:
        user = queries.user_by_email(ctx, request.email)
        if user is not None and user.ended_at is None and throttle.may_confirm(ctx, str(user.id)):
            actions.confirm_sign_in(ctx, user)
