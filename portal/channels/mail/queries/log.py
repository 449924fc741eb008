"""Reads of mails that arrived: the log, one mail, and what its original says."""

import uuid
from collections.abc import Iterator

from sqlalchemy import func, or_

from portal.authz.scopes import load, scope
from portal.cases.queries.detail import by_id
from portal.channels.mail.engine.message import InboundMessage
from portal.channels.mail.engine.parsing import parse_message
from portal.channels.mail.models import FATES, InboundMail
from portal.kernel.context import Context
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page, fetch_page_of
from portal.kernel.storage import storage

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


def read_original(row: InboundMail) -> bytes | None:
    """The whole original of *row*; None if the storage lost it."""
    try:
        return b"".join(storage().read(row.storage_name))
    except FileNotFoundError:
        return None


def original_text(row: InboundMail) -> Iterator[str]:
    """The original as text, up to SHOWN_BYTES. Raises NotFound if the storage lost it."""
    raw = read_original(row)
    if raw is None:
        raise NotFound
    yield raw[:SHOWN_BYTES].decode("utf-8", "replace")


def read_message(row: InboundMail) -> InboundMessage | None:
    """What the original says; None if the storage lost it, and for a mail that was set aside unread."""
    raw = read_original(row) if row.reason != "set_aside" else None
    return parse_message(raw) if raw is not None else None


def case_key_of(ctx: Context, row: InboundMail) -> str:
    """The key of the case that the mail names, if the actor may see it; else ''."""
    try:
        return by_id(ctx, row.case_id).key if row.case_id else ""
    except NotFound:
        return ""
