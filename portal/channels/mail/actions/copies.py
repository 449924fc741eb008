"""People whom a mail proposes for a case: stored with the mail, let in or dismissed by whoever may add people."""

import datetime as dt
from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import delete, func, select, update

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.scopes import load
from portal.cases.actions.people import put_in_copy
from portal.cases.actions.transitions import touch
from portal.cases.models import Case, CaseLocation
from portal.cases.queries.detail import by_id
from portal.channels.mail.engine.message import MailAddress
from portal.channels.mail.models import CopyProposal, InboundMail
from portal.channels.mail.queries.copies import PROPOSALS, copy_proposal
from portal.identity.models import Address
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Conflict
from portal.kernel.events import Event, record
from portal.kernel.system_context import as_system
from portal.kernel.text import clean_line
from portal.tenants.actions import contacts
from portal.tenants.models import Account

ACCEPTED, DISMISSED = "accepted", "dismissed"


def propose_copies(ctx: Context, mail: InboundMail, addresses: Sequence[MailAddress]) -> None:
    """Propose *addresses* of *mail* for its case, as the system. Records `case.copies_proposed` (facts: emails, mail).

    What is above PROPOSALS waiting ones is left out; the mail log says how many, in `facts.copies_left_out`.
    """
    if not addresses or mail.case_id is None or mail.user_id is None:
        return
    case = by_id(ctx, mail.case_id, lock=True)
    known = set(ctx.session.scalars(select(CopyProposal.email).where(CopyProposal.case_id == case.id)))
    new = [one for one in addresses if one.email not in known]
    left_out = max(0, len(new) - (PROPOSALS - case.open_proposals))
    new = new[: len(new) - left_out]
    for one in new:
        ctx.session.add(
            CopyProposal(
                **CaseLocation.of(case).columns(),
                email=one.email[:254],
                name=clean_line(one.name)[:200],
                mail_id=mail.id,
                proposed_by_id=mail.user_id,
                proposed_at=ctx.now,
            )
        )
    if left_out:
        mail.facts = {**mail.facts, "copies_left_out": mail.facts.get("copies_left_out", 0) + left_out}
    if new:
        case.open_proposals += len(new)
        touch(ctx, case, public=False)
        ctx.session.flush()
        record(ctx, "case.copies_proposed", case, case=case, emails=[one.email for one in new], mail=str(mail.id))


def accept(ctx: Context, case: Case, proposal_id: Id, *, as_contact: bool = False) -> CopyProposal:
    """Put the proposed person in copy of *case*; *as_contact*: make them a contact of its account first. Records
    `case.person_added`, and `contact.added`.

    Raises Conflict where somebody has decided already, and as `put_in_copy` and `add_requester`.
    """
    require(ctx.actor, Permission.CASE_PEOPLE, case)
    row = _waiting(ctx, case, proposal_id)
    if as_contact:
        account = load(ctx, Account, Account.id == case.account_id)
        name = row.name or row.email.partition("@")[0]
        contacts.add_requester(ctx, account, name=name, email=row.email, environment_id=None)
        ctx.session.flush()
    if put_in_copy(ctx, case, [row.email]):
        touch(ctx, case)
    _decide(ctx, case, row, ACCEPTED)
    return row


def dismiss(ctx: Context, case: Case, proposal_id: Id) -> CopyProposal:
    """Leave the proposed person out; no later mail proposes them again. Records `case.copy_dismissed` (fact: email).

    Raises Conflict where somebody has decided already.
    """
    require(ctx.actor, Permission.CASE_PEOPLE, case)
    row = _waiting(ctx, case, proposal_id)
    _decide(ctx, case, row, DISMISSED)
    record(ctx, "case.copy_dismissed", case, case=case, email=row.email)
    return row


def _waiting(ctx: Context, case: Case, proposal_id: Id) -> CopyProposal:
    row = copy_proposal(ctx, case, proposal_id)
    if row.decision:
        raise Conflict(_("Somebody has decided about this person already."))
    return row


def _decide(ctx: Context, case: Case, row: CopyProposal, decision: str) -> None:
    ctx.session.refresh(row)  # putting them in copy has settled it
    if row.decision:
        return
    row.decision, row.decided_at, row.decided_by_id = decision, ctx.now, ctx.actor.user_id
    case.open_proposals = max(0, case.open_proposals - 1)
    touch(ctx, case, public=False)
    ctx.session.flush()


def settle_person(ctx: Context, event: Event) -> None:
    """React to `case.person_added` and `case.excluded`: nobody has to decide about that person any more."""
    if event.case_id is None or event.subject_id is None:
        return
    decision = DISMISSED if event.name == "case.excluded" else ACCEPTED
    own = select(Address.email_folded).where(Address.user_id == event.subject_id)
    with as_system(ctx) as inner:
        changed = inner.session.execute(
            update(CopyProposal)
            .where(CopyProposal.case_id == event.case_id, CopyProposal.decision == "", CopyProposal.email.in_(own))
            .values(decision=decision, decided_at=ctx.now, decided_by_id=ctx.actor.user_id)
            .returning(CopyProposal.id)
            .execution_options(synchronize_session=False)
        ).all()
        if changed:
            _count_again(inner, [event.case_id])


def move_proposals(ctx: Context, event: Event) -> None:
    """React to `case.merged`: what waits goes on in the case that goes on, unless it was proposed there too."""
    with as_system(ctx) as inner:
        assert event.case_id is not None, "a merge is an event of its case"
        source = by_id(inner, event.case_id)
        target_id = source.merged_into_id
        if not source.open_proposals or target_id is None:
            return
        there = select(CopyProposal.email).where(CopyProposal.case_id == target_id).scalar_subquery()
        waiting = (CopyProposal.case_id == source.id, CopyProposal.decision == "")
        inner.session.execute(
            update(CopyProposal)
            .where(*waiting, CopyProposal.email.not_in(there))
            .values(case_id=target_id)
            .execution_options(synchronize_session=False)
        )
        inner.session.execute(delete(CopyProposal).where(*waiting).execution_options(synchronize_session=False))
        _count_again(inner, [source.id, target_id])


def delete_old_proposals(ctx: Context, before: dt.datetime, limit: int) -> int:
    """Delete at most *limit* proposals of mails that arrived before *before*: they are gone with the originals of
    their mails. Returns how many."""
    old = select(CopyProposal.id).where(CopyProposal.provider_id == ctx.provider_id, CopyProposal.proposed_at < before)
    gone = ctx.session.scalars(
        delete(CopyProposal)
        .where(CopyProposal.id.in_(old.order_by(CopyProposal.proposed_at).limit(limit)))
        .returning(CopyProposal.case_id)
        .execution_options(synchronize_session=False)
    ).all()
    if gone:
        _count_again(ctx, list(set(gone)))
    return len(gone)


def _count_again(ctx: Context, case_ids: Sequence[Id]) -> None:
    """Set the number of waiting proposals of cases, after they were changed together."""
    ctx.session.flush()
    waiting = select(func.count()).where(CopyProposal.case_id == Case.id, CopyProposal.decision == "")
    ctx.session.execute(
        update(Case)
        .where(Case.id.in_(case_ids))
        .values(open_proposals=waiting.scalar_subquery())
        .execution_options(synchronize_session=False)
    )
    for case in ctx.session.identity_map.values():
        if isinstance(case, Case) and case.id in case_ids:
            ctx.session.expire(case, ["open_proposals"])
