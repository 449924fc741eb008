"""The present names of the people whom messages mention."""

from collections.abc import Sequence

from sqlalchemy import select

from portal.cases.models import Message
from portal.identity.models import User
from portal.kernel.context import Context
from portal.kernel.ids import parse_id


def mention_names(ctx: Context, messages: Sequence[Message]) -> dict[str, str]:
    """The names of those whom *messages* mention, by `mention:<id>`. One statement; none where nobody is mentioned."""
    ids = {parse_id(one["user"]) for message in messages for one in message.mentions}
    if not ids:
        return {}
    rows = select(User.id, User.name).where(User.provider_id == ctx.provider_id, User.id.in_(ids))
    return {f"mention:{user_id}": name for user_id, name in ctx.session.execute(rows)}
