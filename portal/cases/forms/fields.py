"""Shared fields of the forms about cases, and the parsing of what they carry. Field names: contract.md."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from wtforms import HiddenField, StringField

from portal.kernel import ids
from portal.kernel.errors import Refused
from portal.web.forms import Form, parse_email_list

SUBJECT_LIMIT = 140


def idempotency_key(form: Any) -> str:
    """What makes two presses of one rendered form the same press: its `once`, or else its token, and what was written.

    Other words in the same form (Back, written anew, sent) are another press: nobody's text may vanish behind a
    success.
    """
    own = getattr(form, "once", None)
    mark = own.data if own is not None and own.data else None
    if mark is None:
        mark = request.form.get("csrf_token") or request.headers.get("X-CSRFToken", "")
    written = [f"{key}={value}" for key, value in sorted(request.form.items(multi=True)) if key != "csrf_token"]
    written += sorted(file.filename or "" for file in request.files.values())
    return hashlib.sha256("\n".join([request.path, mark, *written]).encode("utf-8", "replace")).hexdigest()


def form_version(form: Any) -> int | None:
    """The version that the writer had on screen, if the form carried one."""
    try:
        return int(form.version.data) if form.version.data else None
    except (TypeError, ValueError):
        return None


def claimed_file_ids() -> list[uuid.UUID]:
    """The staged files that the form claims, without those ticked for removal."""
    removed = set(request.form.getlist("staged_remove"))
    found = (ids.parse_id(value) for value in request.form.getlist("staged")[:50] if value not in removed)
    return [value for value in found if value is not None]


class WritingForm(Form):
    """What every form with files and a second press shares."""

    attachments = MultipleFileField(_l("Attachments"))
    once = HiddenField()
    version = HiddenField()


def parse_emails(field: StringField) -> list[str]:
    try:
        return parse_email_list(field.data or "")
    except Refused as refusal:
        raise Refused(refusal.message, field.name) from None


def parse_local_time(value: str, zone: dt.tzinfo) -> dt.datetime | None:
    """A day or a local date and time of a form (`2026-11-25`, `2026-11-25T09:00`) in UTC; a day means 09:00 there.

    None for anything else.
    """
    try:
        parsed = dt.datetime.fromisoformat((value or "").strip())
    except ValueError:
        return None
    if len((value or "").strip()) <= 10:
        parsed = parsed.replace(hour=9)
    try:
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)).astimezone(dt.UTC)
    except (OverflowError, ValueError):
        return None


def select_options(rows: Iterable[Any], *first: tuple[str, str]) -> list[tuple[str, str]]:
    """Select options of rows with `id` and `name`, after *first*."""
    return [*first, *((str(row.id), row.name) for row in rows)]
