"""The forms about cases, with the field names of contract.md."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from wtforms import HiddenField, StringField, ValidationError

from portal.kernel import ids
from portal.kernel.errors import Refused
from portal.web.forms import (
    Form,
    PressForm,
    at_least,
    choice,
    emails_of,
    flag,
    is_email,
    line,
)
from portal.web.forms import (
    body as many_lines,
)

SUBJECT_LIMIT = 140


def once_of(form: Any) -> str:
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


def seen_of(form: Any) -> int | None:
    """The version that the writer had on screen, if the form carried one."""
    try:
        return int(form.version.data) if form.version.data else None
    except (TypeError, ValueError):
        return None


def staged_of() -> list[uuid.UUID]:
    """The staged files that the form claims, without those ticked for removal."""
    removed = set(request.form.getlist("staged_remove"))
    found = (ids.parse(value) for value in request.form.getlist("staged")[:50] if value not in removed)
    return [value for value in found if value is not None]


def is_phone(_form: Any, field: Any) -> None:
    """At least five digits, where something was written."""
    if field.data and sum(c.isdigit() for c in field.data) < 5:
        raise ValidationError(_("Write the phone number with at least 5 digits"))


class WritingForm(Form):
    """What every form with files and a second press shares."""

    attachments = MultipleFileField(_l("Attachments"))
    once = HiddenField()
    version = HiddenField()


class CaseForm(WritingForm):
    """`POST /new/<type>`: opening a case."""

    account = choice(_l("Account"), wrong=_l("Choose an account"), need=_l("Choose an account"))
    contact = line(_l("Contact"))
    person_name = line(_l("Name of the person"))
    person_email = line(_l("Their email"), checks=[is_email])
    environment = choice(_l("Environment"), wrong=_l("Choose an environment, or “I don't know”"))
    severity = line(_l("How is your work affected?"), limit=40)
    subject = line(
        _l("Subject"),
        name=_l("subject"),
        need=_l("Write a subject"),
        limit=SUBJECT_LIMIT,
        checks=[at_least(3, _l("Write a few words as subject"))],
    )
    description = many_lines(_l("Description"), name=_l("description"), need=_l("Describe what is happening"))
    phone = line(_l("Best phone"), limit=50, checks=[is_phone])
    email = line(_l("Email for updates"), checks=[is_email])
    cc = line(_l("Copy to"), limit=2000)
    visibility = line(_l("Who can see this?"), limit=10)
    department = choice(_l("Department"), wrong=_l("Choose one of the departments"))
    notify = flag(_l("Email the contact about this case"), false_values=(False, "false", "0", "off", "no", ""))
    # When what stands beside the form was reckoned: what a later feature promised there holds from then.
    shown_at = HiddenField()

    def addresses(self) -> list[str]:
        """The people to put in copy; Refused with the field for a bad address."""
        return emails_of_field(self.cc)

    def rank(self) -> int | None:
        """The level that was chosen, where levels are asked."""
        typed = self.severity.data or ""
        return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 3 else None


def emails_of_field(field: StringField) -> list[str]:
    try:
        return emails_of(field.data or "")
    except Refused as refusal:
        raise Refused(refusal.message, field.name) from None


class ReplyForm(WritingForm):
    """`POST /cases/<KEY>/replies`."""

    body = many_lines(_l("Write to support"), name=_l("message"), need=_l("Write your message"))
    cc = line(_l("Copy to"), limit=2000)
    close = flag(_l("My problem is solved: close the case"))


class RejectForm(WritingForm):
    """`POST /cases/<KEY>/resolution/reject`."""

    reason = many_lines(_l("What is still wrong?"), name=_l("reason"), need=_l("Write what is still wrong"))


class ReopenForm(WritingForm):
    """`POST …/reopen`."""

    reason = many_lines(_l("What changed?"), name=_l("reason"), need=_l("Write what changed"))


class CloseForm(PressForm):
    """`POST …/close`: the reason is optional."""

    reason = many_lines(_l("Reason"), name=_l("reason"), limit=2000)


class SharingForm(PressForm):
    """`POST /cases/<KEY>/sharing`: who may see it, or one colleague by name."""

    visibility = line(_l("Who can see this?"), limit=10)
    person = line(_l("Colleague"), limit=320)
    remove = line(_l("Remove"), limit=40)
    organization = line(_l("Organization"), limit=40)


class PeopleForm(PressForm):
    """`POST /cases/<KEY>/people`: addresses in copy, or a grant to take back."""

    cc = line(_l("Copy to"), limit=2000)
    remove = line(_l("Remove"), limit=40)


class ExclusionForm(PressForm):
    """`POST /cases/<KEY>/exclusions`: a person to keep out, or to let in again."""

    person = line(_l("Person"), limit=320)
    readmit = line(_l("Let in again"), limit=40)


class WishForm(PressForm):
    """`POST /cases/<KEY>/mute`: no field toggles; `wish` says it exactly."""

    wish = line(_l("What you want to hear"), limit=10)


class WordsForm(Form):
    """The reporter's correction until the first answer."""

    version = HiddenField()
    subject = line(_l("Subject"), name=_l("subject"), need=_l("Write a subject"), limit=SUBJECT_LIMIT)
    description = many_lines(_l("Description"), name=_l("description"), need=_l("Describe what is happening"))


class DeskReplyForm(WritingForm):
    """`POST /desk/cases/<KEY>/reply`: a public answer, perhaps with a next status."""

    body = many_lines(_l("Reply"), name=_l("reply"), need=_l("Write the reply"))
    status = line(_l("Then set"), limit=20)
    check = many_lines(_l("How to check it"), name=_l("way to check"), limit=5000)
    reason = line(_l("Waiting for what?"), limit=500)
    until = line(_l("Look again on"), limit=40)
    silent = flag(_l("Do not email this"))
    anyway = flag(_l("Send anyway"))
    # What the writer had on screen beside the version: the last entry's position, and the state.
    last = HiddenField()
    was = HiddenField()


class NoteForm(WritingForm):
    """`POST /desk/cases/<KEY>/note`."""

    body = many_lines(_l("Internal note"), name=_l("note"), need=_l("Write the note"))


class StatusForm(WritingForm):
    """`POST /desk/cases/<KEY>/status`: a verb without further talk, or with the question or solution it needs."""

    status = line(_l("Status"), limit=20, need=_l("Choose a status"))
    body = many_lines(_l("Question or solution"), name=_l("text"))
    check = many_lines(_l("How to check it"), name=_l("way to check"), limit=5000)
    reason = line(_l("Reason"), limit=2000)
    until = line(_l("Look again on"), limit=40)


class AssignForm(PressForm):
    """`POST /desk/cases/<KEY>/assign`."""

    owner = line(_l("Owner"), limit=40)
    department = line(_l("Department"), limit=40)


class SeverityForm(PressForm):
    """`POST /desk/cases/<KEY>/severity`."""

    severity = line(_l("Severity"), limit=4, need=_l("Choose one of the severities"))
    reason = many_lines(
        _l("Why? The customer reads it"), name=_l("reason"), need=_l("Write why; the customer reads it"), limit=2000
    )

    def rank(self) -> int:
        return int(self.severity.data) if (self.severity.data or "").isdecimal() else 0


class EscalateForm(PressForm):
    """`POST /desk/cases/<KEY>/escalate`."""

    tier = line(_l("Tier"), limit=4, need=_l("Choose another tier"))
    note = many_lines(
        _l("Hand-over note"), name=_l("note"), need=_l("Write what the next tier has to know"), limit=10_000
    )
    owner = line(_l("Owner there"), limit=40)
    # The board that it was moved on: where to go back to.
    back = HiddenField()

    def level(self) -> int:
        return int(self.tier.data) if (self.tier.data or "").isdecimal() else 0


class EditForm(PressForm):
    """`POST /desk/cases/<KEY>/edit`: what the case says about itself."""

    subject = line(_l("Subject"), name=_l("subject"), need=_l("Write a subject"), limit=SUBJECT_LIMIT)
    type = choice(_l("Request type"), wrong=_l("Choose a request type"))
    contact = choice(_l("Contact"), wrong=_l("Choose the person who is affected"))
    environment = choice(_l("Environment"), wrong=_l("Choose an environment, or “I don't know”"))
    department = choice(_l("Department"), wrong=_l("Choose one of the departments"))


class MergeForm(PressForm):
    """`POST /desk/cases/<KEY>/merge`."""

    target = line(_l("Number of the case that stays"), limit=30, need=_l("Write the number of the other case"))


class MoveForm(PressForm):
    """`POST /desk/cases/<KEY>/move`: first the account, then the person there."""

    account = line(_l("Account"), limit=12, need=_l("Choose an account"))
    contact = line(_l("Contact there"), limit=40)


class BulkForm(PressForm):
    """`POST /desk/bulk`: one verb for the cases whose keys stand in `case`."""

    action = line(_l("Action"), limit=20, need=_l("Choose what to do"))
    owner = line(_l("Owner"), limit=40)
    department = line(_l("Department"), limit=40)
    reason = many_lines(_l("Reason"), name=_l("reason"), limit=2000)
    confirm = HiddenField()


class DeskCaseForm(CaseForm):
    """`POST /desk/new`: as the portal's form, and type, channel, an owner's first steps."""

    type = choice(_l("Request type"), wrong=_l("Choose a request type"), need=_l("Choose a request type"))
    channel = choice(
        _l("Channel"),
        choices=[
            ("phone", _l("Phone")),
            ("email", _l("Email")),
            ("chat", _l("Chat")),
            ("walk-in", _l("Walk-in")),
            ("desk", _l("Other")),
        ],
    )


def moment(value: str, zone: dt.tzinfo) -> dt.datetime | None:
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


def options(rows: Iterable[Any], *first: tuple[str, str]) -> list[tuple[str, str]]:
    """Select options of rows with `id` and `name`, after *first*."""
    return [*first, *((str(row.id), row.name) for row in rows)]
