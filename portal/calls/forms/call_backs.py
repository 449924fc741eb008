"""The form in which people ask to be called."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from portal.kernel.errors import Refused
from portal.web.forms import Form, at_least, choice_field, line_field, text_field

SUBJECT_LIMIT = 140


class CallBackForm(Form):
    """`/calls/new`. About a case that is there the fields of a new one are not asked."""

    hotline = choice_field(_l("Number of support"))
    slot = choice_field(
        _l("When"), need=_l("Choose a time"), wrong=_l("This time is not free any more. Choose another one")
    )
    phone = line_field(_l("Your phone number"), need=_l("Write a phone number"), limit=50)
    account = choice_field(_l("Account"), wrong=_l("Choose an account"))
    environment = choice_field(_l("Environment"), wrong=_l("Choose an environment, or “I don't know”"))
    type = choice_field(_l("What is it about?"), wrong=_l("Choose a request type"))
    subject = line_field(_l("Subject"), limit=SUBJECT_LIMIT, checks=[at_least(3, _l("Write at least 3 characters"))])
    words = text_field(_l("What shall we know before the call?"), need=_l("Write what the call is about"), limit=10_000)
    once = HiddenField()

    def offer_slots(self, slots: Sequence[tuple[dt.datetime, str]]) -> None:
        """Let people choose among *slots*: the moments with their words."""
        self.slot.choices = [("", _("Choose a time")), *((start.isoformat(), words) for start, words in slots)]

    def start(self) -> dt.datetime:
        """The chosen moment, one of those offered."""
        return dt.datetime.fromisoformat(self.slot.data or "")

    def require_subject(self) -> None:
        """Raise Refused where a new case would have no subject."""
        if not self.subject.data:
            raise Refused(_("Write a subject"), "subject")


def option_rows(rows: Any) -> list[tuple[str, str]]:
    """Options of rows with id and name."""
    return [(str(row.id), row.name) for row in rows]


def drawn_form_key() -> str:
    """The key of the form of this request as it was drawn, with what was typed: a second press has the same one."""
    typed = [f"{name}={value}" for name, value in sorted(request.form.items(multi=True)) if name != "csrf_token"]
    return hashlib.sha256("\n".join([request.path, *typed]).encode("utf-8", "replace")).hexdigest()
