"""Forms that add a message to a case."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField

from portal.cases.forms.fields import CopyFields, WritingForm
from portal.web.forms import flag_field, line_field, required_without_files
from portal.web.forms import text_field as many_lines
from portal.web.send_anyway_fields import SendAnywayFields


class ReplyForm(CopyFields, WritingForm):
    """`POST /cases/<KEY>/replies`."""

    draft_address = ""
    body = many_lines(_l("Write to support"), checks=[required_without_files(_l("Write your message"))])
    # The message that it answers.
    to = HiddenField()
    close = flag_field(_l("My problem is solved: close the case"))


class DeskReplyForm(SendAnywayFields, WritingForm):
    """`POST /desk/cases/<KEY>/reply`: a public answer, perhaps with a next status."""

    draft_address: ClassVar[str | None] = ""
    body = many_lines(_l("Reply"), checks=[required_without_files(_l("Write the reply"))])
    status = line_field(_l("Then set"), limit=20)
    to = HiddenField()
    check = many_lines(_l("How to check it"), limit=5000)
    reason = line_field(_l("Waiting for what?"), limit=500)
    until = line_field(_l("Look again on"), limit=40)
    silent = flag_field(_l("Do not email this"))
    # Wait ten seconds, so that it can be taken back. The script of the composer ticks it.
    delay = flag_field(_l("Ten seconds to undo it"))
    # Offered where nobody owns the case.
    take = flag_field(_l("Take this case too"))
    # The case as its writer saw it, beside the version: the position of the last message, and the state.
    last = HiddenField()
    was = HiddenField()

    def put_in(self, text: str, fields: Mapping[str, str]) -> None:
        """Add *text* below what is written, and fill those of *fields* that are empty."""
        written = (self.body.data or "").rstrip()
        self.body.data = f"{written}\n\n{text}" if written else text
        for name, value in fields.items():
            field = self._fields[name]
            field.data = field.data or (value == "y" if isinstance(field, BooleanField) else value)


class DraftForm(DeskReplyForm):
    """`POST /desk/cases/<KEY>/compose`: a reply that is not sent yet; its text may be missing, and its draft stays."""

    draft_address = None
    body = many_lines(_l("Reply"))


class NoteForm(WritingForm):
    """`POST /desk/cases/<KEY>/note`. A reply and a note to a case are one draft: they are one text with two buttons."""

    draft_address = "reply"
    body = many_lines(_l("Internal note"), checks=[required_without_files(_l("Write the note"))])
    to = HiddenField()

    @classmethod
    def takes_draft(cls, fields: Mapping[str, Sequence[str]]) -> bool:
        return "note" in fields.get("kind", ())
