"""Whom messages mention: their present names, and the people of a case who can be mentioned in public."""

from collections.abc import Sequence

from sqlalchemy import select

from portal.cases.models import Case, Message
from portal.cases.queries.shown_people import ShownGrant
from portal.identity.models import User
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.ids import parse_id


def mention_names(ctx: Context, messages: Sequence[Message]) -> dict[str, str]:
    """The names of those whom *messages* mention, by `mention:<id>`. One statement; none where nobody is mentioned."""
    ids = {parse_id(one["user"]) for message in messages for one in message.mentions}
    if not ids:
        return {}
    rows = select(User.id, User.name).where(User.provider_id == ctx.provider_id, User.id.in_(ids))
    return {f"mention:{user_id}": name for user_id, name in ctx.session.execute(rows)}


def people_on_case(ctx: Context, case: Case, grants: Sequence[ShownGrant]) -> list[tuple[Id, str]]:
    """(user id, name) of the people of *case* other than the actor whom its page names: the contact, the reporter,
    those of *grants* who are affected or in copy, and the owner. No statement. Whether they may still read it is not
    said."""
    found = [(case.contact_user_id, case.contact_user.name)]
    if case.reported_side == "contact":
        found.append((case.reported_by_id, case.reported_by.name))
    found += [(one.user_id, one.name) for one in grants if one.user_id and one.kind in ("affected", "participant")]
    if case.owner is not None:
        found.append((case.owner.user_id, case.owner.user.name))
    return [one for one in dict.fromkeys(found) if one[0] != ctx.actor.user_id]


def mentioned_ids(ctx: Context, message_id: Id) -> list[Id]:
    """The ids of the people whom a message mentions, as they were when it was written."""
    rows = select(Message.mentions).where(Message.provider_id == ctx.provider_id, Message.id == message_id)
    stored = ctx.session.scalar(rows) or ()
    return [user_id for one in stored if (user_id := parse_id(one["user"])) is not None]
