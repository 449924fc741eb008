"""One mail about several cases: alarms, and what escalation rules did, are gathered for each person first, and written
a moment later.

After a gap (a stopped worker, or quiet hours) many cases alarm the same people at once. The consumer of the event only
notes a `DigestEntry`; the due work DIGEST, one for each person, comes after everything that was due before and writes
one mail of all entries that wait. `daily_news` writes the mail of the day in the same way.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload

from portal.authz.scopes import scope
from portal.cases.models import Case
from portal.cases.queries.detail import by_id, summary_load_options
from portal.identity.models import User
from portal.kernel import ids, outbox
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.notifications import mail_rules, rendering
from portal.notifications.mail_rules import PlannedMail
from portal.notifications.models import DigestEntry, OutgoingMail
from portal.notifications.rules import DIGEST_KIND, GATHERED_KINDS, STAFF_KINDS
from portal.tenants.queries import actors

# The kind of due work that writes the gathered mail of a person; its id is the user's.
DIGEST = "mail_digest"
# What escalation rules do to a case; of one case, an alarm counts for more.
BY_RULES = frozenset({"case.escalated", "case.assigned"})
# The most entries of one mail; the rest comes in the next.
ENTRY_LIMIT = 5_000


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A waiting entry with its event and case. None: the person may not see the case (any more)."""

    entry: DigestEntry
    case: Case | None


def is_gathered(mail: PlannedMail) -> bool:
    """Whether *mail* waits for others of the same moment: after a gap a rule may hand a case over twice and then give
    it to somebody, while its promises alarm the same person."""
    automatic = mail.event.name in BY_RULES and not mail.event.actor_name
    return mail.kind in GATHERED_KINDS or (mail.kind == "staff_news" and automatic)


def gather(ctx: Context, mails: Iterable[PlannedMail]) -> None:
    """Store the entries of *mails*, once for each event and person, and schedule one mail for each person. People are
    processed in order, so that two workers that gather for the same people do not deadlock.
    """
    for mail in sorted(mails, key=lambda one: one.person.id):
        if store_entry(ctx, mail, "alarm"):
            outbox.schedule(ctx.session, ctx.provider_id, DIGEST, mail.person.id, ctx.now)


def store_entry(ctx: Context, mail: PlannedMail, kind: str) -> bool:
    """Store the event of *mail* for a mail of several; False if it is stored already. *kind* says for which one."""
    row = insert(DigestEntry).values(
        id=ids.new_id(),
        provider_id=ctx.provider_id,
        user_id=mail.person.id,
        event_id=mail.event.id,
        case_id=mail.case.id if mail.case is not None else None,
        kind=kind,
        created_at=ctx.now,
    )
    return ctx.session.scalar(row.on_conflict_do_nothing().returning(DigestEntry.id)) is not None


def write_digest(ctx: Context, user_id: Id) -> None:
    """Due work: write one mail of the waiting entries of a person. One case makes the mail of its kind, several make a
    digest.

    Of several entries about one case only the highest counts. What the person may not see any more is left out.
    """
    person = ctx.session.get(User, user_id)
    waiting = _waiting_entries(ctx, user_id, person)
    told = [one for one in waiting if one.case is not None]
    delete_entries(ctx, [one.entry.id for one in waiting if one.case is None])
    if len(waiting) == ENTRY_LIMIT:
        outbox.schedule(ctx.session, ctx.provider_id, DIGEST, user_id, ctx.now)
    if person is None or not told:
        return
    highest: dict[uuid.UUID, _Waiting] = {}
    for one in sorted(told, key=_rank):
        highest.setdefault(one.entry.event.case_id, one)  # type: ignore[arg-type]
    ordered = list(highest.values())
    first = ordered[0]
    mail: PlannedMail | None
    if len(ordered) == 1 and first.entry.event.name in BY_RULES:
        mail = _news(ctx, person, first)
    elif len(ordered) == 1:
        mail = PlannedMail("alarm", person, first.entry.event, first.case, reason="alarmed")
    else:
        pairs = [(one.entry.event, one.case) for one in ordered if one.case is not None]
        mail = PlannedMail(DIGEST_KIND, person, first.entry.event, reason="alarmed", cases=pairs)
    mail_id = rendering.store_mail(ctx, mail) if mail is not None else None
    if mail_id is None:  # nobody can be written to, or wants it any more
        delete_entries(ctx, [one.entry.id for one in told])
    else:
        for one in told:
            one.entry.mail_id = mail_id


def is_readable(ctx: Context, mail: OutgoingMail) -> bool:
    """Whether the recipient of a digest may still see every case that it names."""
    person = ctx.session.get(User, mail.user_id) if mail.user_id else None
    rows = scope(ctx.actor, DigestEntry).where(DigestEntry.mail_id == mail.id)
    named = set(ctx.session.scalars(rows.with_only_columns(DigestEntry.case_id)))
    return named == visible_cases(ctx, person, named, on_desk=mail.kind in STAFF_KINDS).keys()


def write_again(ctx: Context, mail: OutgoingMail, work: str = DIGEST) -> None:
    """Let the entries of a withdrawn digest wait for a new one, which contains only what its reader may see. *work* is
    the kind of due work that writes it."""
    ctx.session.execute(
        update(DigestEntry)
        .where(DigestEntry.mail_id == mail.id)
        .values(mail_id=None)
        .execution_options(synchronize_session=False)
    )
    if mail.user_id is not None:
        outbox.schedule(ctx.session, ctx.provider_id, work, mail.user_id, ctx.now)


def _waiting_entries(ctx: Context, user_id: Id, person: User | None) -> list[_Waiting]:
    """The waiting entries of a person, locked."""
    rows = scope(ctx.actor, DigestEntry).where(
        DigestEntry.user_id == user_id, DigestEntry.mail_id.is_(None), DigestEntry.kind.in_(sorted(GATHERED_KINDS))
    )
    rows = rows.options(joinedload(DigestEntry.event, innerjoin=True)).order_by(DigestEntry.id).limit(ENTRY_LIMIT)
    entries = ctx.session.scalars(rows.with_for_update(of=DigestEntry).execution_options(populate_existing=True)).all()
    cases = visible_cases(ctx, person, {entry.case_id for entry in entries})
    return [_Waiting(entry, cases.get(entry.case_id)) for entry in entries]


def visible_cases(
    ctx: Context, person: User | None, case_ids: Iterable[Id | None], *, on_desk: bool = True
) -> dict[Id | None, Case]:
    """Those of the cases that *person* sees now, on the desk or on the portal."""
    find_actors = actors.staff_actors if on_desk else actors.contact_actors
    actor = find_actors(ctx, [person]).get(person.id) if person is not None and not person.ended_at else None
    if actor is None:
        return {}
    rows = scope(actor, Case).where(Case.id.in_([case_id for case_id in case_ids if case_id is not None]))
    return {case.id: case for case in ctx.session.scalars(rows.options(*summary_load_options())).unique()}


def _news(ctx: Context, person: User, waiting: _Waiting) -> PlannedMail | None:
    """The mail about what a rule did to the one case that waits; None if the person is not to get it any more."""
    event = waiting.entry.event
    case = by_id(ctx, event.case_id) if event.case_id is not None else None
    mails = mail_rules.case_mails(ctx, event, case) if case is not None else ()
    return next((mail for mail in mails if mail.person.id == person.id and is_gathered(mail)), None)


def _rank(one: _Waiting) -> tuple[int, int, int, int]:
    """The sort key of an entry: the furthest over its time first, then the most severe. What rules did comes last: the
    case that the person owns now, then the newest."""
    case, event = one.case, one.entry.event
    severity = case.severity if case is not None else 0
    if event.name in BY_RULES:
        owns = case is not None and case.owner is not None and case.owner.user_id == one.entry.user_id
        return 0, severity, 0 if owns and event.name == "case.assigned" else 1, -event.id.int
    return -int(event.facts.get("percent", 100)), severity, 0, one.entry.id.int


def delete_entries(ctx: Context, entry_ids: Sequence[Id]) -> None:
    """Delete entries that nobody is to be told of."""
    if entry_ids:
        ctx.session.execute(
            delete(DigestEntry).where(DigestEntry.id.in_(entry_ids)).execution_options(synchronize_session="fetch")
        )
