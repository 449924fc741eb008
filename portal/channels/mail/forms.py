"""The forms of the mail log and of mailboxes."""

from flask_babel import lazy_gettext as _l

from portal.web.forms import Form, choice_field, line_field


class SenderForm(Form):
    account = choice_field(_l("Account"))
    name = line_field(_l("Name"), need=_l("Write the name of the sender"), limit=200)


class AttachForm(Form):
    case = line_field(_l("Case number"), need=_l("Write the number of a case, such as ACME-1042"), limit=40)


class MailboxForm(Form):
    address = line_field(_l("Address"), need=_l("Write one email address, such as support@example.com"), limit=254)
    department = choice_field(_l("Department of new cases"))
    type = choice_field(_l("Kind of case"))


class MailboxRouteForm(Form):
    department = choice_field(_l("Department of new cases"))
    type = choice_field(_l("Kind of case"))
