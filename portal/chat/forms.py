"""Forms of chats."""

import hashlib
import uuid
from collections.abc import Sequence
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from wtforms import HiddenField, IntegerField
from wtforms.validators import NumberRange

from portal.chat import rules
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import Form, choice_field, flag_field, line_field, required_without_files, text_field
from portal.web.send_anyway_fields import SendAnywayFields

LINE_LIMIT, GREETING_LIMIT, NOTE_LIMIT = 10_000, 500, 5_000


class MarkedForm(Form):
    """A form that acts once: `mark` is new each time it is drawn. It is not called `once`, because app.js gives a field
    of that name its old value after Back: in a chat the same words from a new form are meant."""

    mark = HiddenField()

    def draw_anew(self) -> None:
        """Give a form that is about to be shown a mark of its own."""
        self.mark.data = uuid.uuid4().hex

    def rename_fields(self, prefix: str) -> None:
        """Give the fields ids that begin with *prefix*, on a page that may have fields of the same names."""
        for field in self:
            field.id = field.label.field_id = f"{prefix}-{field.id}"

    def key(self, *written: str) -> str:
        """The idempotency key of *written* in this form."""
        whole = "\n".join([request.path, self.mark.data or uuid.uuid4().hex, *written])
        return hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()


class ChatStartForm(MarkedForm):
    """`POST /chat`. The choices are set by the route."""

    account = choice_field(_l("Account"), wrong=_l("Choose an account"))
    about = choice_field(_l("About"), wrong=_l("Choose from the list"))
    environment = choice_field(_l("Environment"), wrong=_l("Choose an environment, or “I don't know”"))
    body = text_field(_l("Your question"), need=_l("Write your question"), limit=LINE_LIMIT)


class LineForm(MarkedForm):
    """A line of the contact."""

    body = text_field(_l("Your message"), limit=LINE_LIMIT, checks=[required_without_files(_l("Write your message"))])
    attachments = MultipleFileField(_l("Attachments"))


class AgentLineForm(SendAnywayFields, LineForm):
    """A line of support. The last two: the canned replies that it uses, and what its writer was warned of."""

    with_replies = line_field(_l("Canned replies"), limit=500)
    with_warned = line_field(_l("Canned replies"), limit=500)

    def answers(self) -> dict[str, str]:
        """What the line says of canned replies (`canned_replies.actions.uses`)."""
        return {"with_replies": self.with_replies.data or "", "with_warned": self.with_warned.data or ""}


class PickForm(AgentLineForm):
    """`POST /desk/chat/<id>/replies`: a line that waits while its writer searches for a canned reply, or chose one."""

    body = text_field(_l("Your message"), limit=LINE_LIMIT)
    q = line_field(_l("Words of a reply"), limit=100)
    with_pick = line_field(_l("Canned replies"), limit=40)


class TakeForm(Form):
    """`POST /desk/chat/taking`: whether and how many chats somebody takes."""

    takes = flag_field(_l("I take chats"))
    most = IntegerField(_l("At most at once"), validators=[NumberRange(1, rules.MOST_CHATS)])


class HandOverForm(Form):
    """`POST /desk/chat/<id>/hand-over`."""

    staff = choice_field(_l("To whom"), wrong=_l("Choose somebody who takes chats"))
    note = text_field(_l("What they need to know"), need=_l("Write what they need to know"), limit=NOTE_LIMIT)


class ChatSettingsForm(VersionedForm):
    """`POST /admin/chat`."""

    enabled = flag_field(_l("Customers can chat with support"))
    calendar = choice_field(_l("Open"), wrong=_l("Choose from the list"))
    request_type = choice_field(_l("Request type"), wrong=_l("Choose from the list"))
    greeting = line_field(_l("Greeting"), limit=GREETING_LIMIT)
    most = IntegerField(_l("Chats for each agent"), validators=[NumberRange(1, rules.MOST_CHATS)])
    silent_minutes = IntegerField(_l("Minutes of silence"), validators=[NumberRange(2, 60)])


def written_files(files: Sequence[Any]) -> str:
    """The files of a form, as a part of its key."""
    return " ".join(sorted(str(file) for file in files))
