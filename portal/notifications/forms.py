"""The form of mail preferences. Each field has the name of its `rules.Topic`."""

from flask_babel import lazy_gettext as _l

from portal.web.forms import Form, flag_field


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
