"""Forms that decide about a solution, close a case or reopen it."""

from flask_babel import lazy_gettext as _l

from portal.cases.forms.fields import WritingForm
from portal.web.forms import PressForm
from portal.web.forms import text_field as many_lines
from portal.web.send_anyway_fields import SendAnywayFields


class RejectForm(WritingForm):
    """`POST /cases/<KEY>/resolution/reject`."""

    draft_address = ""
    reason = many_lines(_l("What is still wrong?"), need=_l("Write what is still wrong"))


class ReopenForm(WritingForm):
    """`POST …/reopen`."""

    reason = many_lines(_l("What changed?"), need=_l("Write what changed"))


class DeskReopenForm(SendAnywayFields, ReopenForm):
    """`POST /desk/cases/<KEY>/reopen`."""


class CloseForm(PressForm):
    """`POST …/close`: the reason is optional."""

    reason = many_lines(_l("Reason"), limit=2000)


class DeskCloseForm(SendAnywayFields, CloseForm):
    """`POST /desk/cases/<KEY>/close`."""
