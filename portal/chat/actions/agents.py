"""Who takes chats."""

from flask_babel import gettext as _
from sqlalchemy import or_, update

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.chat import rules
from portal.chat.actions.announcing import announce_queue
from portal.chat.models import ChatAgent
from portal.chat.queries.availability import own_agent
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.kernel.uow import announce_nothing


def take_chats(ctx: Context, *, takes: bool, most: int) -> None:
    """Say whether the actor takes chats, and how many at once; records `chat.agent_changed` (facts: takes, most) if
    that changes. Chats that they have stay theirs. Raises Refused (field most) for a number out of bounds."""
    require(ctx.actor, Permission.CASE_ANSWER)
    if not 1 <= most <= rules.MOST_CHATS:
        raise Refused(_("Choose a number from 1 to %(most)d", most=rules.MOST_CHATS), "most")
    row = own_agent(ctx, lock=True)
    if row is None:
        row = ChatAgent(provider_id=ctx.provider_id, staff_id=ctx.actor.staff_id, takes=False, most=most)
        ctx.session.add(row)
    changed = row.takes != takes or row.most != most
    row.takes, row.most, row.seen_at = takes, most, ctx.now
    ctx.session.flush()
    if changed:
        record(ctx, "chat.agent_changed", row, takes=takes, most=most)
        announce_queue(ctx)


def note_agent_seen(ctx: Context) -> None:
    """Observation: the chat page of the actor asked for news. Written at most every SEEN_EVERY."""
    seen = (ChatAgent.seen_at.is_(None), ChatAgent.seen_at < ctx.now - rules.SEEN_EVERY)
    announce_nothing(ctx.session)
    ctx.session.execute(
        update(ChatAgent)
        .where(ChatAgent.provider_id == ctx.provider_id, ChatAgent.staff_id == ctx.actor.staff_id, or_(*seen))
        .values(seen_at=ctx.now)
        .execution_options(synchronize_session=False)
    )
