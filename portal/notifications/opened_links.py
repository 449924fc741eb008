"""Loading what the link in a mail leads to, as the person to whom the mail went."""

import hashlib
from dataclasses import dataclass

from portal.authz.scopes import scope
from portal.cases.models import Case, Message
from portal.cases.queries import people
from portal.cases.queries.detail import by_id
from portal.identity.models import User
from portal.identity.queries import current_user_id
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Gone, NotFound
from portal.kernel.events import Event
from portal.kernel.ids import parse_id
from portal.kernel.system_context import act_as, as_system
from portal.notifications.mail_links import LASTS, Purpose, read_link_token
from portal.notifications.models import OutgoingMail
from portal.notifications.queries import has_exclusions
from portal.notifications.rules import STAFF_KINDS
from portal.tenants.models import Account
from portal.tenants.queries import actors

# A decision belongs to the solution, or to the end, that its mail told of: one of these after it takes its links away.
_OUTDATING = ("case.resolved", "case.rejected", "case.reopened")
_ENDING = ("case.accepted", "case.closed", "case.auto_closed")
# One of several affected people accepted, and the case waits for the others.
_CONFIRMED = "case.confirmed"
# What the button of each purpose records in the case; a case that the reopening opened is found by its key.
_DONE = {Purpose.ACCEPT: "case.accepted", Purpose.REJECT: "case.rejected", Purpose.REOPEN: "case.reopened"}


@dataclass(frozen=True, slots=True)
class LinkOutcome:
    """What became of the decision that a mail asked for, as the events after the mail say.

    *done*: its person made it, and nothing came after it. *written*: the words that they gave with it. *changed*: the
    event that took the link away, '' for none. *continued*: the key of the new case that the link opened, '' for none.
    *waits*: others who are affected have not answered yet.
    """

    done: bool = False
    written: str = ""
    changed: str = ""
    continued: str = ""
    waits: bool = False


@dataclass(frozen=True, slots=True)
class MailAction:
    """The link of a mail: what it does, for whom, in which case. *shows_content*: nobody is kept out of the case, so
    that its words may stand on a page that needs no sign-in."""

    purpose: Purpose
    person: User
    case: Case
    on_desk: bool
    muted: bool
    shows_content: bool
    decision: LinkOutcome


def link_key(token: str) -> str:
    """The idempotency key of what the link *token* stores: it opens one new case at most."""
    return hashlib.sha256(token.encode()).hexdigest()


def load_mail_action(ctx: Context, token: str, *, lock: bool = False) -> MailAction:
    """What *token* leads to; with *lock* the case is locked. Afterwards the request acts as the person of the mail.

    NotFound for a wrong token and for a case that this person may not see any more. Gone for a link that is too old.
    """
    link = read_link_token(ctx, token)
    if link is None:
        raise NotFound
    with as_system(ctx, with_own_rows=True) as inner:
        rows = scope(inner.actor, OutgoingMail).where(OutgoingMail.id == link.mail_id)
        mail = inner.session.scalars(rows).one_or_none()
        if mail is None or mail.user_id is None or mail.case_id is None:
            raise NotFound
        person = inner.session.get(User, current_user_id(inner, mail.user_id))
        if person is None or person.ended_at is not None:
            raise NotFound
        on_desk = mail.kind in STAFF_KINDS
        found = actors.staff_actors(inner, [person]) if on_desk else actors.contact_actors(inner, [person])
        actor = found.get(person.id)
        told_id, is_old = mail.event_id, mail.created_at + LASTS <= ctx.now
        shows_content = not has_exclusions(inner, mail.case_id)
        case_id = mail.case_id
    if actor is None:
        raise NotFound
    act_as(ctx, actor)
    case = by_id(ctx, case_id, lock=lock)
    if is_old:
        raise Gone
    decision = LinkOutcome()
    if link.purpose not in (Purpose.MUTE, Purpose.APPROVE):
        # After the lock: the second of two presses at the same moment sees what the first did.
        with as_system(ctx) as inner:
            decision = _find_decision(inner, link.purpose, case_id, person, told_id, link_key(token))
    muted = people.subscription(ctx, case) == "mute"
    return MailAction(link.purpose, person, case, on_desk, muted, shows_content, decision)


def _find_decision(
    ctx: Context, purpose: Purpose, case_id: Id, person: User, told_id: Id | None, key: str
) -> LinkOutcome:
    """What became of the decision *purpose* about the case since the event *told_id*."""
    if purpose is Purpose.REOPEN:
        opened = scope(ctx.actor, Case).where(Case.idempotency_key == key, Case.reported_by_id == person.id)
        columns = (Account.key, Case.number, Case.description)
        rows = opened.join(Account, Account.id == Case.account_id).with_only_columns(*columns)
        for account_key, number, written in ctx.session.execute(rows):
            return LinkOutcome(done=True, written=written, continued=f"{account_key}-{number}")
    if told_id is None:
        return LinkOutcome(changed=_OUTDATING[0])
    later = scope(ctx.actor, Event).where(
        Event.case_id == case_id, Event.name.in_((*_OUTDATING, *_ENDING, _CONFIRMED)), Event.id > told_id
    )
    events = ctx.session.scalars(later.order_by(Event.id.desc()).limit(20)).all()
    accepted = purpose is Purpose.ACCEPT and not any(event.name in _OUTDATING for event in events)
    if accepted and any(one.name == _CONFIRMED and one.actor_user_id == person.id for one in events):
        return LinkOutcome(done=True, waits=not any(one.name in _ENDING for one in events))
    if events and events[0].name == _DONE[purpose] and events[0].actor_user_id == person.id:
        words = scope(ctx.actor, Message).where(Message.id == parse_id(events[0].facts.get("message")))
        return LinkOutcome(done=True, written=ctx.session.scalar(words.with_only_columns(Message.body)) or "")
    return LinkOutcome(changed=next((event.name for event in events if event.name in _OUTDATING), ""))
