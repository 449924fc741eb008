"""Reads of mails that arrived: the log, one mail, and what its original says."""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence

from sqlalchemy import func, or_

from portal.authz.scopes import load, scope
from portal.cases.models import Case
from portal.cases.queries.conversation import find_message
from portal.cases.queries.detail import by_id
from portal.channels.mail.engine.message import InboundMessage
from portal.channels.mail.engine.parsing import parse_message
from portal.channels.mail.models import FATES, InboundMail
from portal.channels.mail.queries.account_choices import accounts_of
from portal.identity.models import User
from portal.identity.queries import user_by_email
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page, fetch_page_of
from portal.kernel.storage import storage
from portal.kernel.system_context import as_system
from portal.tenants.models import Account
from portal.tenants.queries import actors

PAGE_SIZE = 50
# So much of an original is shown as text.
SHOWN_BYTES = 1_048_576


def mail_log(ctx: Context, *, fate: str = "", waiting: bool = False, q: str = "", number: int = 1) -> Page[InboundMail]:
    """One page of the log, newest first. *waiting*: only mails in quarantine that nobody has decided about."""
    rows = scope(ctx.actor, InboundMail)
    if waiting:
        rows = rows.where(InboundMail.fate == "quarantine", InboundMail.handled_at.is_(None))
    elif fate in FATES:
        rows = rows.where(InboundMail.fate == fate)
    if q:
        wanted = q.lower()
        rows = rows.where(
            or_(
                InboundMail.sender_email.contains(wanted, autoescape=True),
                func.lower(InboundMail.subject).contains(wanted, autoescape=True),
                InboundMail.recipient.contains(wanted, autoescape=True),
                InboundMail.message_id == q.strip("<>"),
            )
        )
    return fetch_page_of(ctx.session, rows.order_by(InboundMail.id.desc()), number, PAGE_SIZE)


def inbound_mail(ctx: Context, mail_id: uuid.UUID, *, lock: bool = False) -> InboundMail:
    """One mail that arrived; NotFound for one that the actor may not see."""
    return load(ctx, InboundMail, InboundMail.id == mail_id, lock=lock)


def was_told(ctx: Context, row: InboundMail) -> bool:
    """Whether the sender of *row* was told within a day that an email to the same case was not added."""
    earlier = scope(ctx.actor, InboundMail).where(
        InboundMail.sender_email == row.sender_email,
        InboundMail.received_at > row.received_at - dt.timedelta(days=1),
        InboundMail.case_id == row.case_id,
        InboundMail.fate == "quarantine",
        InboundMail.trusted,
        InboundMail.id != row.id,
    )
    return ctx.session.scalars(earlier.limit(1)).one_or_none() is not None


def sender_accounts(ctx: Context, row: InboundMail) -> Sequence[Account]:
    """The accounts among which somebody must choose, because the sender of *row* has several; the actor sees them."""
    if row.reason != "which_account" or row.user_id is None:
        return []
    return _accounts_of_person(ctx, ctx.session.get_one(User, row.user_id))


def propose_account_key(ctx: Context, email: str) -> str:
    """The key of the only account in which the person with *email* may open a case, as far as the actor sees it; ''
    where there is none or several."""
    person = user_by_email(ctx, email)
    accounts = _accounts_of_person(ctx, person) if person is not None else []
    return accounts[0].key if len(accounts) == 1 else ""


def _accounts_of_person(ctx: Context, person: User) -> Sequence[Account]:
    with as_system(ctx) as inner:
        actor = actors.contact_actors(inner, [person]).get(person.id)
    return accounts_of(ctx, actor) if actor else []


def mail_of_message(ctx: Context, case: Case, message_id: uuid.UUID | None) -> InboundMail | None:
    """The mail that became the message, or the one that opened *case*; None for a message that was no mail. Raises
    NotFound for a message that the actor may not read."""
    position = find_message(ctx, case, message_id).position if message_id else None
    rows = scope(ctx.actor, InboundMail).where(
        InboundMail.case_id == case.id, InboundMail.fate.in_(["case", "comment"])
    )
    # A reply to a closed case may open another: it is at no position there.
    at = func.coalesce(InboundMail.facts["message"].astext, "0") == str(position or 0)
    return ctx.session.scalars(rows.where(at).order_by(InboundMail.id).limit(1)).one_or_none()


def read_original(row: InboundMail) -> bytes | None:
    """The whole original of *row*; None if its time is over, or the storage lost it."""
    if row.original_deleted_at is not None:
        return None
    try:
        return b"".join(storage().read(row.storage_name))
    except FileNotFoundError:
        return None


def original_text(row: InboundMail) -> Iterator[str]:
    """The original as text, up to SHOWN_BYTES. Raises NotFound where it is not there any more."""
    raw = read_original(row)
    if raw is None:
        raise NotFound
    yield raw[:SHOWN_BYTES].decode("utf-8", "replace")


def read_message(row: InboundMail) -> InboundMessage | None:
    """What the original says; None where it is not there any more, and for a mail that was set aside unread."""
    raw = read_original(row) if row.reason != "set_aside" else None
    return parse_message(raw) if raw is not None else None


def case_key_of(ctx: Context, row: InboundMail) -> str:
    """The key of the case that the mail names, if the actor may see it; else ''."""
    try:
        return by_id(ctx, row.case_id).key if row.case_id else ""
    except NotFound:
        return ""
