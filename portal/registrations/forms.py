"""Forms of registrations."""

from flask_babel import lazy_gettext as _l

from portal.web.forms import Form, PressForm, line_field, text_field
from portal.web.pairs_field import PairsField


class CompanyForm(Form):
    company = line_field(_l("Your company"), need=_l("Write the name of your company"), limit=120)


class AcceptForm(PressForm):
    access = PairsField(
        _l("Access"),
        left="place",
        right="role",
        wrong=_l("Choose accounts and environments of this organization"),
        twice=_l("Choose each account or environment once"),
        need=_l("Choose what the person gets access to"),
    )


class DeclineForm(PressForm):
    answer = text_field(_l("What they read"), limit=1000)
