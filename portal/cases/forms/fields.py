"""Shared fields and parsers of the forms about cases. Field names: contract.md."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from wtforms import HiddenField, StringField

from portal.cases import idempotency
from portal.kernel.errors import Refused
from portal.kernel.local_times import SkippedTime, read_local_time
from portal.kernel.text import clean_line
from portal.web.drafts import OWN_FIELDS
from portal.web.forms import Form, line_field, parse_email_list

SUBJECT_LIMIT = 140


# Hidden fields that differ each time a form is drawn, with the same words in it (Back, then send again).
_DRAWN_ANEW = frozenset({"once", "csrf_token", "shown_at", "version", "last", "was"}) | OWN_FIELDS


def idempotency_key(form: Any) -> str:
    """The key that identifies a repeated submit of a rendered form: its text, and its `once` or token
    (`cases.idempotency`).

    A changed text in the same form (Back, edited, sent) is another submit, so that the changed text is not lost.
    """
    own = getattr(form, "once", None)
    mark = own.data if own is not None and own.data else None
    if mark is None:
        mark = request.form.get("csrf_token") or request.headers.get("X-CSRFToken", "")
    written = [f"{key}={value}" for key, value in sorted(request.form.items(multi=True)) if key not in _DRAWN_ANEW]
    written += sorted(file.filename or "" for file in request.files.values())
    return idempotency.make_key("\n".join([request.path, *written]), mark)


def feature_answers() -> dict[str, str]:
    """The values of the fields that panels of later features added to the form of a verb (their names begin with
    `with_`), by name; each on one line."""
    return {name: clean_line(value)[:500] for name, value in request.form.items() if name.startswith("with_")}


def form_version(form: Any) -> int | None:
    """The version of the case that the form carries; None if it carries none."""
    try:
        return int(form.version.data) if form.version.data else None
    except (TypeError, ValueError):
        return None


class CopyFields:
    """Fields of a form that puts addresses in copy. `outside` is a box whose value are the addresses outside the
    organization that its reader was asked about (`pages.outside_copies`)."""

    cc = line_field(_l("Copy to"), limit=2000)
    outside = line_field(_l("Outside the organization"), limit=2000)
    # What the page asks about: the addresses, and the name of the organization that they are outside of.
    asked: Sequence[str] = ()
    asked_organization = ""


class WritingForm(Form):
    """Base of forms with files and an idempotency key."""

    attachments = MultipleFileField(_l("Attachments"))
    once = HiddenField()
    version = HiddenField()


def parse_emails(field: StringField) -> list[str]:
    try:
        return parse_email_list(field.data or "")
    except Refused as refusal:
        raise Refused(refusal.message, field.name) from None


def complete_emails(field: StringField) -> list[str]:
    """The addresses of *field*; none where one of them is malformed, which `parse_emails` refuses."""
    try:
        return parse_emails(field)
    except Refused:
        return []


def parse_local_time(value: str, zone: dt.tzinfo) -> dt.datetime | None:
    """A day or local time of a form (`2026-11-25`, `2026-11-25T09:00`) in *zone* as UTC; None for anything else.

    A day means 09:00. A time that the clocks skip on that day is none.
    """
    typed = (value or "").strip()
    try:
        return read_local_time(f"{typed} 09:00" if len(typed) <= len("2026-11-25") else typed, zone)
    except SkippedTime:
        return None


def select_options(rows: Iterable[Any], *first: tuple[str, str]) -> list[tuple[str, str]]:
    """Select options of rows with `id` and `name`, after *first*."""
    return [*first, *((str(row.id), row.name) for row in rows)]
