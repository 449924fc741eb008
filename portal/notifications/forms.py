"""Forms of notifications. Each field of the mail preferences has the name of its `rules.Topic`."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from portal.web.forms import Form, PressForm, flag_field, text_field


class ContactMailsForm(Form):
    """Choices of somebody on the portal."""

    answers = flag_field(_l("Support replied"))
    status = flag_field(_l("The status or the severity changed"))
    comments = flag_field(_l("Somebody else on your side wrote"))
    copies = flag_field(_l("Somebody put you in copy or shared a case with you"))


class StaffMailsForm(Form):
    """Choices of staff."""

    own_cases = flag_field(_l("Activity in your cases"))
    unowned = flag_field(_l("Activity in unassigned cases"))
    handed_over = flag_field(_l("Cases handed over to your tier"))


class MuteForm(PressForm):
    """`POST /a/<token>` about notifications: the mute, or its end."""

    muted = HiddenField()


class MailRejectionForm(PressForm):
    """`POST /a/<token>` about a solution that does not help."""

    reason = text_field(_l("What is still wrong?"), need=_l("Write what is still wrong"))


class MailReopeningForm(PressForm):
    """`POST /a/<token>` about a closed case."""

    reason = text_field(_l("What changed?"), need=_l("Write what changed"))
