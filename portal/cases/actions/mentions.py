"""Colleagues whom an internal note calls by `@Name`: only those who may answer the case, and only in notes."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from portal.cases.engine.mentions import find_mentions
from portal.cases.models import Case
from portal.cases.queries.staff import assignable_staff
from portal.identity.models import User
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.tenants.models import StaffMember

MOST_MENTIONED = 20


@dataclass(frozen=True, slots=True)
class Colleague:
    """An active member of the staff: the ids of the place and of the person, and the name."""

    staff_id: Id
    user_id: Id
    name: str


def read_mentions(ctx: Context, case: Case, body: str) -> list[dict[str, str]]:
    """Whom the note *body* mentions, as it is stored: `user` (id) and `text` (the name as written).

    Raises Refused for a name that fits several colleagues, for somebody who may not answer the case (assigned
    accounts, role, exclusion), and for more than MOST_MENTIONED people. Mentioning lets nobody into a case.
    """
    if "@" not in body:
        return []
    team = {one.user_id: one for one in _colleagues(ctx)}
    able = set(assignable_staff(ctx, case))
    found: list[dict[str, str]] = []
    for mention in find_mentions(body, [(one.user_id, one.name) for one in team.values()]):
        fits = [team[person] for person in mention.people]
        admitted = [one for one in fits if one.staff_id in able]
        if not admitted:
            raise Refused(
                _("%(name)s does not work on cases of this account, so a note cannot call them", name=fits[0].name),
                "body",
            )
        if len(admitted) > 1:
            names = ", ".join(sorted(one.name for one in admitted))
            raise Refused(
                _("“@%(text)s” fits several people: %(names)s. Write the whole name", text=mention.text, names=names),
                "body",
            )
        found.append({"user": str(admitted[0].user_id), "text": mention.text})
    if len(found) > MOST_MENTIONED:
        raise Refused(_("A note can mention %(limit)d people", limit=MOST_MENTIONED), "body")
    return found


def check_no_colleague(ctx: Context, *texts: str) -> None:
    """Raise Refused where public *texts* mention a colleague by the whole name: the writer meant a note."""
    if not any("@" in text for text in texts):
        return
    team = [(one.user_id, one.name) for one in _colleagues(ctx)]
    found = [mention for text in texts for mention in find_mentions(text, team, whole=True)]
    if found:
        raise Refused(
            _(
                "Clients read this, and “@%(name)s” calls a colleague. Take out the @, or add an internal note",
                name=found[0].text,
            ),
            "body",
        )


def _colleagues(ctx: Context) -> Sequence[Colleague]:
    rows = select(StaffMember.id, StaffMember.user_id, User.name).join(User, User.id == StaffMember.user_id)
    rows = rows.where(StaffMember.provider_id == ctx.provider_id, StaffMember.active).order_by(StaffMember.id)
    return [Colleague(*row) for row in ctx.session.execute(rows)]
