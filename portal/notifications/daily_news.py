"""The mail of the day: whoever chose it gets ordinary mails once a day, as one.

The consumer of the event only notes a `DigestEntry`; the due work NEWS, one for each person, writes one mail of all
entries that wait.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, func
from sqlalchemy.orm import joinedload

from portal.authz.scopes import scope
from portal.cases.models import CaseSubscription
from portal.identity.models import User
from portal.kernel import outbox
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.notifications import rendering
from portal.notifications.digests import ENTRY_LIMIT, delete_entries, store_entry, visible_cases
from portal.notifications.mail_rules import PlannedMail
from portal.notifications.models import DigestEntry
from portal.notifications.rules import GATHERED_KINDS, NEWS_KIND, STAFF_KINDS, STAFF_NEWS_KIND

# The kind of due work that writes the mail of the day of a person; its id is the user's.
NEWS = "daily_news"


def gather_news(ctx: Context, mails: Iterable[PlannedMail]) -> None:
    """Store the entries of *mails* for the mail of the day of each person, and schedule it: at the first NEWS_HOUR in
    the person's zone after the oldest entry that waits. People are processed in order, as in `digests.gather`."""
    for mail in sorted(mails, key=lambda one: one.person.id):
        if not store_entry(ctx, mail, mail.kind):
            continue
        waiting = _waiting_entries(ctx, mail.person.id).with_only_columns(func.min(DigestEntry.created_at))
        since = ctx.session.scalar(waiting) or ctx.now
        due_at = rendering.news_time(ctx, mail.person, since)
        outbox.schedule(ctx.session, ctx.provider_id, NEWS, mail.person.id, due_at)


def write_news(ctx: Context, user_id: Id) -> None:
    """Due work: write the mail of the day of a person, one for each side on which something waits. What they may not
    see any more, or muted since, is left out."""
    person = ctx.session.get(User, user_id)
    rows = _waiting_entries(ctx, user_id).options(joinedload(DigestEntry.event, innerjoin=True))
    rows = rows.order_by(DigestEntry.id).limit(ENTRY_LIMIT).with_for_update(of=DigestEntry)
    entries = ctx.session.scalars(rows.execution_options(populate_existing=True)).all()
    if len(entries) == ENTRY_LIMIT:
        outbox.schedule(ctx.session, ctx.provider_id, NEWS, user_id, ctx.now)
    for kind in (NEWS_KIND, STAFF_NEWS_KIND):
        of_side = [entry for entry in entries if (entry.kind in STAFF_KINDS) == (kind in STAFF_KINDS)]
        if of_side:
            _write_news_of_side(ctx, person, kind, of_side)


def _write_news_of_side(ctx: Context, person: User | None, kind: str, entries: Sequence[DigestEntry]) -> None:
    named = {entry.case_id for entry in entries}
    cases = visible_cases(ctx, person, named, on_desk=kind in STAFF_KINDS)
    muted = scope(ctx.actor, CaseSubscription).where(
        CaseSubscription.user_id == entries[0].user_id,
        CaseSubscription.mode == "mute",
        CaseSubscription.case_id.in_([case_id for case_id in named if case_id is not None]),
    )
    for case_id in ctx.session.scalars(muted.with_only_columns(CaseSubscription.case_id)):
        cases.pop(case_id, None)
    told = [entry for entry in entries if entry.case_id in cases]
    mail_id = None
    if person is not None and told:
        pairs = [(entry.event, cases[entry.case_id]) for entry in told]
        mail_id = rendering.store_mail(ctx, PlannedMail(kind, person, told[0].event, cases=pairs))
    kept = told if mail_id is not None else []
    for entry in kept:
        entry.mail_id = mail_id
    delete_entries(ctx, [entry.id for entry in entries if entry not in kept])


def _waiting_entries(ctx: Context, user_id: Id) -> "Select[DigestEntry]":
    """The entries that wait for the mail of the day of a person."""
    return scope(ctx.actor, DigestEntry).where(
        DigestEntry.user_id == user_id, DigestEntry.mail_id.is_(None), DigestEntry.kind.not_in(sorted(GATHERED_KINDS))
    )
