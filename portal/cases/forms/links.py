"""Forms that merge a case, split it, or move it to another account."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from portal.cases.forms.fields import SUBJECT_LIMIT
from portal.web.forms import PressForm, TickedIdsField, flag_field, line_field
from portal.web.forms import text_field as many_lines
from portal.web.send_anyway_fields import SendAnywayFields


class MergeForm(PressForm):
    """`POST /desk/cases/<KEY>/merge`."""

    target = line_field(_l("Number of the case to keep"), limit=30, need=_l("Write the number of the other case"))
    # The number of the case whose new readers the page showed.
    previewed = HiddenField()


class SplitForm(SendAnywayFields, PressForm):
    """`POST /desk/cases/<KEY>/split`: the messages that go on in a new case, and its words."""

    messages = TickedIdsField(_l("Messages that move"))
    subject = line_field(_l("Subject of the new case"), need=_l("Write a subject"), limit=SUBJECT_LIMIT)
    description = many_lines(_l("First words of the new case"), need=_l("Write what the new case is about"), limit=5000)
    notify = flag_field(_l("Email the contact about this case"), false_values=(False, "false", "0", "off", "no", ""))
    once = HiddenField()


class MoveForm(PressForm):
    """`POST /desk/cases/<KEY>/move`: first the account, then the person there."""

    account = line_field(_l("Account"), limit=12, need=_l("Choose an account"))
    contact = line_field(_l("Contact in that account"), limit=40)
