"""Staging, attaching and dropping files. Bytes are streamed, sniffed and hashed on the way in."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any, Protocol

import puremagic
from flask_babel import gettext as _
from sqlalchemy import func, select

from portal.attachments.engine.thumbnail import SHOWN, Bounds, Thumbnail, draw_thumbnail
from portal.attachments.models import Attachment
from portal.attachments.policies import (
    FILES_AT_ONCE,
    PHONE_BRANDS,
    PHONE_PICTURE,
    PICTURE_TYPES,
    check_count,
    check_name,
)
from portal.kernel import outbox
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record, wake_after_commit
from portal.kernel.ids import new_id
from portal.kernel.storage import CHUNK, storage
from portal.kernel.text import clean_line

STAGED_AT_ONCE = FILES_AT_ONCE * 10
THUMBNAIL = "thumbnail"


class Upload(Protocol):
    """A file as the web server hands it over."""

    filename: str | None
    stream: IO[bytes]


class _Meter:
    """Reads a stream in chunks, counting and hashing; stops at the limit."""

    def __init__(self, stream: IO[bytes], limit: int, name: str) -> None:
        self.size, self.digest, self.head = 0, hashlib.sha256(), b""
        self._stream, self._limit, self._name = stream, limit, name

    def chunks(self) -> Iterator[bytes]:
        while chunk := self._stream.read(CHUNK):
            self.size += len(chunk)
            if self.size > self._limit:
                raise Refused(
                    _(
                        "%(name)s is larger than %(limit)d MB. Share a link in the description instead",
                        name=self._name,
                        limit=self._limit // 1_048_576,
                    ),
                    "attachments",
                )
            if len(self.head) < 8192:
                self.head += chunk[: 8192 - len(self.head)]
            self.digest.update(chunk)
            yield chunk


def filename_of(upload: Upload) -> str:
    """The file's own name without folders and deceiving characters, at most 150 characters."""
    base = clean_line((upload.filename or "").replace("\\", "/").rpartition("/")[2]).strip(". ")
    stem, dot, ending = base.rpartition(".")
    if dot and len(ending) <= 12:
        return f"{stem[:137]}.{ending}" if stem else _("file")
    return base[:150] or _("file")


def sniff_media_type(head: bytes, filename: str) -> str:
    """The media type by the first bytes of the file, never by the sender's claim. Unknown types are
    application/octet-stream."""
    if head[4:8] == b"ftyp" and head[8:12] in PHONE_BRANDS:
        return PHONE_PICTURE
    try:
        kind = puremagic.from_string(head, mime=True, filename=filename)
    except (puremagic.PureError, ValueError):
        kind = ""
    if not kind and head and b"\0" not in head:
        kind = "text/plain"
    return (kind or "application/octet-stream")[:120]


_limit = 25 * 1_048_576


def configure(megabytes: int) -> None:
    """Set the largest attachment, once, at start."""
    global _limit
    _limit = megabytes * 1_048_576


def stage(ctx: Context, upload: Upload, owner_id: Id | None = None) -> Attachment:
    """Store *upload* for its person until a form claims it; records `attachment.staged`.

    The person is *owner_id* where the system does it for somebody whose session has ended, else the actor. Raises
    Refused for an empty, too large or blocked file, and for too many staged ones.
    """
    owner_id = owner_id or ctx.actor.user_id
    name = filename_of(upload)
    check_name(name)
    waiting = (
        select(func.count())
        .select_from(Attachment)
        .where(Attachment.uploaded_by_id == owner_id, Attachment.case_id.is_(None))
    )
    if (ctx.session.scalar(waiting) or 0) >= STAGED_AT_ONCE:
        raise Refused(_("Too many files are waiting to be sent. Send or remove some first"), "attachments")
    meter = _Meter(upload.stream, _limit, name)
    row = Attachment(
        id=new_id(),
        provider_id=ctx.provider_id,
        uploaded_by_id=owner_id,
        filename=name,
        media_type="",
        size=0,
        sha256="",
        created_at=ctx.now,
    )
    storage().write(row.storage_name, meter.chunks())
    if meter.size == 0:
        storage().delete(row.storage_name)
        raise Refused(_("%(name)s is empty", name=name), "attachments")
    row.media_type, row.size, row.sha256 = sniff_media_type(meter.head, name), meter.size, meter.digest.hexdigest()
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, "attachment.staged", row)
    if row.media_type in PICTURE_TYPES or row.media_type == PHONE_PICTURE:
        outbox.schedule(ctx.session, ctx.provider_id, THUMBNAIL, row.id, ctx.now)
        wake_after_commit(ctx)
    return row


def add_thumbnail(ctx: Context, attachment_id: Id) -> None:
    """Draw and store the thumbnail of a picture. One that cannot be read, or that is gone, gets none.

    Records no event: nobody did anything, and the thumbnail says nothing that the file does not.
    """
    row = ctx.session.get(Attachment, attachment_id)
    if row is None:
        return
    thumbnail = draw_file(row)
    # Drawing took a while: the person may have removed the file, or sent it, meanwhile.
    ctx.session.expire(row)
    row = ctx.session.get(Attachment, attachment_id, with_for_update=True, populate_existing=True)
    if thumbnail is None or row is None:
        return
    storage().write(row.thumbnail_storage_name, [thumbnail.content])
    row.thumbnail_width, row.thumbnail_height = thumbnail.width, thumbnail.height


def draw_file(row: Attachment, width: int = SHOWN.width, height: int = SHOWN.height) -> Thumbnail | None:
    """The picture of a stored file, drawn anew in at most *width* × *height* CSS pixels; None where the file is
    gone, or no picture that can be read."""
    try:
        return draw_thumbnail(b"".join(storage().read(row.storage_name)), Bounds(width, height))
    except FileNotFoundError:
        return None


def stage_what_can_be(ctx: Context, uploads: Iterable[Upload], owner_id: Id) -> tuple[list[Attachment], list[str]]:
    """Stage *uploads* for the person *owner_id*, at most FILES_AT_ONCE. Returns the files, and a sentence with the name
    for each that was left out."""
    staged: list[Attachment] = []
    left_out: list[str] = []
    for upload in uploads:
        name = filename_of(upload)
        if len(staged) == FILES_AT_ONCE:
            left_out.append(_("%(name)s: at most %(limit)d files at once", name=name, limit=FILES_AT_ONCE))
            continue
        try:
            staged.append(stage(ctx, upload, owner_id))
        except Refused as refusal:
            left_out.append(refusal.message if name in refusal.message else f"{name}: {refusal.message}")
    return staged, left_out


def discard(ctx: Context, row: Attachment) -> None:
    """Delete a staged file for its person; records `attachment.dropped`."""
    storage().delete(row.storage_name)
    storage().delete(row.thumbnail_storage_name)
    record(ctx, "attachment.dropped", row)
    ctx.session.delete(row)


def discard_old(ctx: Context, before: dt.datetime, limit: int) -> int:
    """Discard at most *limit* files that were staged before *before* and never sent; returns how many."""
    old = select(Attachment).where(
        Attachment.provider_id == ctx.provider_id, Attachment.case_id.is_(None), Attachment.created_at < before
    )
    rows = ctx.session.scalars(
        old.order_by(Attachment.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for row in rows:
        discard(ctx, row)
    return len(rows)


def claim(ctx: Context, ids: Iterable[uuid.UUID]) -> Sequence[Attachment]:
    """The person's own staged files among *ids*, locked; ids of others and of sent files are simply not there."""
    wanted = set(ids)
    check_count(len(wanted))
    if not wanted:
        return []
    return ctx.session.scalars(
        select(Attachment)
        .where(Attachment.id.in_(wanted), Attachment.uploaded_by_id == ctx.actor.user_id, Attachment.case_id.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def attach(
    ctx: Context, files: Iterable[Attachment], place: Any, *, message_id: uuid.UUID | None, internal: bool
) -> None:
    """Attach *files* to a message of a case (or to its opening); *place* carries the case's tenant columns and id."""
    for row in files:
        row.organization_id, row.account_id, row.case_id = place.organization_id, place.account_id, place.id
        row.message_id, row.internal = message_id, internal
    ctx.session.flush()
