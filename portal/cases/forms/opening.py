"""Forms that open a case."""

import datetime as dt
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, ValidationError

from portal.cases.forms.fields import SUBJECT_LIMIT, CopyFields, WritingForm, parse_emails
from portal.web.forms import at_least, choice_field, flag_field, is_email, line_field
from portal.web.forms import text_field as many_lines
from portal.web.send_anyway_fields import SendAnywayFields


def is_phone(_form: Any, field: Any) -> None:
    """Validator: at least five digits, or empty."""
    if field.data and sum(c.isdigit() for c in field.data) < 5:
        raise ValidationError(_("Write the phone number with at least 5 digits"))


class CaseForm(CopyFields, WritingForm):
    """`POST /new/<type>`: opening a case."""

    draft_address = ""
    account = choice_field(_l("Account"), wrong=_l("Choose an account"), need=_l("Choose an account"))
    contact = line_field(_l("Contact"))
    person_name = line_field(_l("Name of the person"))
    person_email = line_field(_l("Their email"), checks=[is_email])
    environment = choice_field(_l("Environment"), wrong=_l("Choose an environment, or “I don't know”"))
    severity = line_field(_l("How is your work affected?"), limit=40)
    subject = line_field(
        _l("Subject"),
        need=_l("Write a subject"),
        limit=SUBJECT_LIMIT,
        checks=[at_least(3, _l("Write at least 3 characters"))],
    )
    description = many_lines(_l("Description"), need=_l("Describe what is happening"))
    phone = line_field(_l("Best phone"), limit=50, checks=[is_phone])
    email = line_field(_l("Email for updates"), checks=[is_email])
    visibility = line_field(_l("Who can see this?"), limit=10)
    department = choice_field(_l("Department"), wrong=_l("Choose one of the departments"))
    notify = flag_field(_l("Email the contact about this case"), false_values=(False, "false", "0", "off", "no", ""))
    # When the panels beside the form were shown: a promise in them counts from that moment.
    shown_at = HiddenField()

    def form_shown_at(self) -> dt.datetime | None:
        """The moment when the form was shown; None if the field holds none."""
        try:
            moment = dt.datetime.fromisoformat(self.shown_at.data or "")
        except ValueError:
            return None
        return moment if moment.tzinfo is not None else None

    def addresses(self) -> list[str]:
        """The addresses to put in copy; raises Refused with the field for a malformed one."""
        return parse_emails(self.cc)

    def rank(self) -> int | None:
        """The number of the chosen level; None if the field holds none."""
        typed = self.severity.data or ""
        return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 3 else None


class DeskCaseForm(SendAnywayFields, CaseForm):
    """`POST /desk/new`: the portal's form with request type and channel."""

    type = choice_field(_l("Request type"), wrong=_l("Choose a request type"), need=_l("Choose a request type"))
    channel = choice_field(
        _l("Channel"),
        choices=[
            ("phone", _l("Phone")),
            ("email", _l("Email")),
            ("chat", _l("Chat")),
            ("walk-in", _l("Walk-in")),
            ("desk", _l("Other")),
        ],
    )
