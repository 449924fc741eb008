"""Due work about signing in."""

from portal.identity import actions, link_requests
from portal.kernel.actor import Id
from portal.kernel.context import Context


def answer_link_request(ctx: Context, request_id: Id) -> None:
    """Due work: mail a requested link."""
    link_requests.answer_request(ctx, request_id)


def delete_expired_form(ctx: Context, form_id: Id) -> None:
    """Due work: delete an unsent form of an ended session."""
    actions.delete_expired_form(ctx, form_id)
