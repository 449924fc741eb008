"""Canned replies in the box of an agent."""

from portal.canned_replies.offers import UsedReplies, find_used
from portal.cases.queries.detail import by_id
from portal.chat.forms import AgentLineForm
from portal.chat.models import Chat
from portal.kernel.context import Context


def used_in(context: Context, chat: Chat, form: AgentLineForm) -> UsedReplies | None:
    """What a line that was not taken shows of the canned replies in it."""
    if not form.with_replies.data:
        return None
    return find_used(context, by_id(context, chat.case_id), chat.user, form.answers(), macros=False)
