"""Who else got a mail: members of the client who come into copy of the case, and others who are only proposed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from portal.authz.scopes import load, scope
from portal.cases.models import Case, CaseExclusion
from portal.cases.queries.other_clients import is_public_domain
from portal.cases.queries.people import PARTICIPANTS, count_participants
from portal.cases.queries.shown_people import is_inside
from portal.channels.mail.engine.copies import find_people
from portal.channels.mail.engine.message import InboundMessage, MailAddress
from portal.channels.mail.models import CopyProposal
from portal.channels.mail.queries.mailboxes import list_mailboxes
from portal.identity.models import Address
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.tenants.models import StaffMember

# The most people whom one mail puts in copy, and whom it proposes.
COPIES = 20
# The most proposals of a case that wait for a decision.
PROPOSALS = 50


@dataclass(frozen=True, slots=True)
class Copies:
    """*joining*: addresses of members who come into copy. *proposed*: others. *left_out*: how many were above the
    limits."""

    joining: tuple[str, ...] = ()
    proposed: tuple[MailAddress, ...] = ()
    left_out: int = 0


def find_copies(
    ctx: Context,
    message: InboundMessage,
    delivered: Collection[str],
    organization_id: Id,
    case: Case | None = None,
    *,
    may_add: bool = True,
) -> Copies:
    """The people beside its sender and us whom *message* went to, seen from *case* (None: a new one). Read by the
    system.

    A member of the organization joins, if the sender *may_add* people, nobody has taken them out of the case before,
    and there is room. Whoever the case excludes, is on it already, or was proposed before, and people of support are
    neither joining nor proposed.
    """
    boxes = list_mailboxes(ctx)
    domains = {box.domain for box in boxes if not is_public_domain(box.domain)}
    candidates = find_people(message, {box.address for box in boxes}, domains, delivered)
    left_out = max(0, len(candidates) - COPIES * 2)
    candidates = candidates[: COPIES * 2]
    if not candidates:
        return Copies()
    known = _find_known(ctx, organization_id, [one.email for one in candidates])
    standing = _Standing.of(ctx, case) if case is not None else _Standing()
    joining: list[str] = []
    proposed: list[MailAddress] = []
    for one in candidates:
        users = known.get(one.email, [])
        if one.email in standing.proposed or any(user.is_staff or user.id in standing.settled for user in users):
            continue
        members = [user for user in users if user.inside and user.id not in standing.removed]
        if members and may_add and len(joining) < standing.room:
            joining.append(one.email)
        else:
            proposed.append(one)
    left_out += max(0, len(joining) - COPIES) + max(0, len(proposed) - COPIES)
    return Copies(tuple(joining[:COPIES]), tuple(proposed[:COPIES]), left_out)


@dataclass(frozen=True, slots=True)
class _Known:
    """A person who holds or claims an address."""

    id: Id
    inside: bool
    is_staff: bool


def _find_known(ctx: Context, organization_id: Id, emails: Sequence[str]) -> dict[str, list[_Known]]:
    works_here: ColumnElement[bool] = (
        select(StaffMember.id).where(StaffMember.user_id == Address.user_id, StaffMember.active).exists()
    )
    rows = select(Address.email_folded, Address.user_id, is_inside(Address.user_id, organization_id), works_here)
    folded = {email.casefold(): email for email in emails}
    rows = rows.where(Address.provider_id == ctx.provider_id, Address.email_folded.in_(folded))
    known: dict[str, list[_Known]] = {}
    for email, user_id, inside, is_staff in ctx.session.execute(rows):
        known.setdefault(folded[email], []).append(_Known(user_id, inside, is_staff))
    return known


@dataclass(frozen=True, slots=True)
class _Standing:
    """What a case has decided about people. *settled*: ids of who is on it, or excluded; *removed*: of who was taken
    out; *proposed*: addresses that were proposed before."""

    settled: frozenset[Id] = frozenset()
    removed: frozenset[Id] = frozenset()
    proposed: frozenset[str] = frozenset()
    room: int = PARTICIPANTS

    @classmethod
    def of(cls, ctx: Context, case: Case) -> "_Standing":
        excluded = ctx.session.scalars(select(CaseExclusion.user_id).where(CaseExclusion.case_id == case.id)).all()
        present = {grant.user_id for grant in case.grants if grant.user_id and grant.kind != "reader"}
        present |= {case.contact_user_id} | ({case.reported_by_id} if case.reported_side == "contact" else set())
        removed = scope(ctx.actor, Event).where(Event.case_id == case.id, Event.name == "case.person_removed")
        proposed = select(CopyProposal.email).where(CopyProposal.case_id == case.id)
        return cls(
            frozenset([*excluded, *present]),
            frozenset(event.subject_id for event in ctx.session.scalars(removed) if event.subject_id),
            frozenset(ctx.session.scalars(proposed)),
            max(0, PARTICIPANTS - count_participants(case)),
        )


def open_proposals(ctx: Context, case: Case) -> Sequence[CopyProposal]:
    """The proposals of *case* that wait and that the actor may see, the oldest first, with who wrote the mail."""
    rows = scope(ctx.actor, CopyProposal).where(CopyProposal.case_id == case.id, CopyProposal.decision == "")
    rows = rows.options(joinedload(CopyProposal.proposed_by)).order_by(CopyProposal.id).limit(PROPOSALS)
    return ctx.session.scalars(rows).all()


def copy_proposal(ctx: Context, case: Case, proposal_id: Id) -> CopyProposal:
    """One proposal of *case*, locked; NotFound for one that the actor may not see."""
    return load(ctx, CopyProposal, CopyProposal.case_id == case.id, CopyProposal.id == proposal_id, lock=True)
