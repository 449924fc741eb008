"""The form that asks for the reason of a broken promise."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from portal.web.forms import PressForm, choice_field, line_field


class BreachForm(PressForm):
    """`POST /desk/cases/<KEY>/breach`: why one promise was broken."""

    clock = line_field(_l("Promise"), limit=40)
    reason = choice_field(_l("Why was it late?"), wrong=_l("Choose why it was late"), need=_l("Choose why it was late"))
    note = line_field(_l("In a few words"), limit=500)
    next = HiddenField()
