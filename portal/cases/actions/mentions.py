"""People whom a message mentions by `@Name`: colleagues in notes, people of the case in replies. Nobody is let in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from portal.authz.permissions import Permission
from portal.authz.roles import ROLES
from portal.cases.actions.in_reply_to import newest_own_message
from portal.cases.engine.mentions import Mention, find_mentions
from portal.cases.models import Case
from portal.cases.queries.mentions import people_on_case
from portal.cases.queries.people import customer_readers, staff_readers
from portal.cases.queries.shown_people import shown_grants
from portal.identity.models import User
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.tenants.models import StaffMember

MOST_MENTIONED = 20


@dataclass(frozen=True, slots=True)
class NoteMentions:
    """What the names of a note mean: the mentions as they are stored (`user`, the id, and `text`, the name as written),
    and the names of colleagues who do not see the case, which stay text."""

    found: Sequence[dict[str, str]]
    unseen: Sequence[str]


def read_mentions(ctx: Context, case: Case, body: str) -> NoteMentions:
    """Whom the note *body* mentions: active staff who see the case and read notes. Clients are never mentioned.

    Raises Refused for a name that fits several of them, and for more than MOST_MENTIONED people.
    """
    if "@" not in body:
        return NoteMentions((), ())
    team = _colleagues(ctx)
    names = dict(team)
    able = {one.user_id for one in staff_readers(ctx, case) if _reads_notes(one.role)}
    found: list[dict[str, str]] = []
    unseen: list[str] = []
    for mention in find_mentions(body, team):
        admitted = mention.people & able
        if not admitted:
            unseen += sorted(names[person] for person in mention.people)
        elif len(admitted) > 1:
            fits = ", ".join(sorted(names[person] for person in admitted))
            raise Refused(
                _("“@%(text)s” fits several people: %(names)s. Write the whole name", text=mention.text, names=fits),
                "body",
            )
        else:
            found.append(_stored(mention, admitted))
    if len({one["user"] for one in found}) > MOST_MENTIONED:
        raise Refused(_("A note can mention %(limit)d people", limit=MOST_MENTIONED), "body")
    return NoteMentions(found, list(dict.fromkeys(unseen)))


def mark_public_mentions(ctx: Context, case: Case) -> None:
    """Store whom the public message that the actor wrote on *case* just now, in this unit of work, mentions.

    Those are the contact, the reporter, affected people and people in copy who can read the case, and the owner, by
    the names under which the actor sees them. Every other name, and one that fits several people, stays text. Records
    no event: the telling of the message's own event reads the mentions.
    """
    message = newest_own_message(ctx, case)
    if message is None or message.is_note or "@" not in message.body:
        return
    able: set[Id | None] = {one.user_id for one in customer_readers(ctx, case)}
    if case.owner is not None:
        able |= {one.user_id for one in staff_readers(ctx, case)} & {case.owner.user_id}
    people = [one for one in people_on_case(ctx, case, shown_grants(ctx, case)) if one[0] in able]
    mentions = [one for one in find_mentions(message.body, people) if len(one.people) == 1]
    message.mentions = [_stored(one, one.people) for one in mentions[:MOST_MENTIONED]]
    ctx.session.flush()


def check_no_colleague(ctx: Context, case: Case, *texts: str) -> None:
    """Raise Refused where public *texts* mention a colleague by the whole name who is not the owner of *case*: the
    writer meant a note."""
    if not any("@" in text for text in texts):
        return
    on_case = {user_id for user_id, _name in people_on_case(ctx, case, ())} | {ctx.actor.user_id}
    team = [one for one in _colleagues(ctx) if one[0] not in on_case]
    found = [mention for text in texts for mention in find_mentions(text, team, whole=True)]
    if found:
        # Somebody on the case may have the name of a colleague: they are meant.
        meant = {name.lower() for _user, name in people_on_case(ctx, case, shown_grants(ctx, case))}
        found = [mention for mention in found if mention.text.lower() not in meant]
    if found:
        raise Refused(
            _(
                "Clients read this, and “@%(name)s” calls a colleague. Take out the @, or add an internal note",
                name=found[0].text,
            ),
            "body",
        )


def _reads_notes(role: str) -> bool:
    return any(role == one and Permission.CASE_NOTE in held for one, held in ROLES.items())


def _stored(mention: Mention, people: Iterable[Id]) -> dict[str, str]:
    return {"user": str(next(iter(people))), "text": mention.text}


def _colleagues(ctx: Context) -> list[tuple[Id, str]]:
    """(user id, name) of the active staff."""
    rows = select(StaffMember.user_id, User.name).join(User, User.id == StaffMember.user_id)
    rows = rows.where(StaffMember.provider_id == ctx.provider_id, StaffMember.active).order_by(StaffMember.id)
    return [(user_id, name) for user_id, name in ctx.session.execute(rows)]
