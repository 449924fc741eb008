"""The chat on the case page of the contact."""

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases.models import Case
from portal.cases.queries.interface import Panel
from portal.chat.queries.settings import chat_hours, is_chat_offered
from portal.kernel.context import Context


def chat_panel(ctx: Context, case: Case) -> Panel | None:
    """The way to chat about a case of one's own that is not resolved, while the chat is open. One statement, and none
    where the provider has no chat."""
    own = ctx.actor.is_contact and ctx.actor.user_id in (case.contact_user_id, case.reported_by_id)
    if not own or not case.unresolved or case.reported_side != "contact" or not is_chat_offered(ctx):
        return None
    hours = chat_hours(ctx)
    if hours is None or not hours.is_open(ctx.now) or not can(ctx.actor, Permission.CASE_REPLY, case):
        return None
    return Panel("aside", "chat/_about.html", {"case": case})
