"""Forms of the desk: status, assignment, severity, tier."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from portal.cases.forms.fields import WritingForm
from portal.web.forms import PressForm, line_field
from portal.web.forms import text_field as many_lines
from portal.web.send_anyway_fields import SendAnywayFields


class StatusForm(SendAnywayFields, WritingForm):
    """`POST /desk/cases/<KEY>/status`: a next status, with the question, solution or reason that it needs."""

    status = line_field(_l("Status"), limit=20, need=_l("Choose a status"))
    body = many_lines(_l("Question or solution"))
    check = many_lines(_l("How to check it"), limit=5000)
    reason = line_field(_l("Reason"), limit=2000)
    until = line_field(_l("Look again on"), limit=40)


class AssignForm(PressForm):
    """`POST /desk/cases/<KEY>/assign`."""

    owner = line_field(_l("Owner"), limit=40)
    department = line_field(_l("Department"), limit=40)


class SeverityForm(SendAnywayFields, PressForm):
    """`POST /desk/cases/<KEY>/severity`."""

    severity = line_field(_l("Severity"), limit=4, need=_l("Choose one of the severities"))
    reason = many_lines(_l("Why? The customer reads it"), need=_l("Write why; the customer reads it"), limit=2000)

    def rank(self) -> int:
        return int(self.severity.data) if (self.severity.data or "").isdecimal() else 0


class WorkaroundForm(PressForm):
    """`POST /desk/cases/<KEY>/workaround`."""

    # The id of the message; NO_WORKAROUND: none is pinned any more.
    message = line_field(_l("Workaround"), limit=40, need=_l("Choose the message that says how to work meanwhile"))


class CustomerViewForm(PressForm):
    """`POST /desk/cases/<KEY>/as-customer`."""

    reason = line_field(_l("Reason"), need=_l("Write why; the customer reads it"), limit=200)


class EscalateForm(PressForm):
    """`POST /desk/cases/<KEY>/escalate`."""

    tier = line_field(_l("Tier"), limit=4, need=_l("Choose another tier"))
    note = many_lines(_l("Hand-over note"), need=_l("Write what the next tier needs to know"), limit=10_000)
    # '': the tier takes it; 'keep': the owner stays, with the reason.
    owner = line_field(_l("Owner in that tier"), limit=40)
    keep_reason = line_field(_l("Why does the owner stay?"), limit=2000)
    # The URL of the board to return to.
    back = HiddenField()

    def level(self) -> int:
        return int(self.tier.data) if (self.tier.data or "").isdecimal() else 0
