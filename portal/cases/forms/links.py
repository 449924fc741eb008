"""Forms that merge a case or move it to another account."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from portal.web.forms import PressForm, line_field


class MergeForm(PressForm):
    """`POST /desk/cases/<KEY>/merge`."""

    target = line_field(_l("Number of the case to keep"), limit=30, need=_l("Write the number of the other case"))
    # The number of the case whose new readers the page showed.
    previewed = HiddenField()


class MoveForm(PressForm):
    """`POST /desk/cases/<KEY>/move`: first the account, then the person there."""

    account = line_field(_l("Account"), limit=12, need=_l("Choose an account"))
    contact = line_field(_l("Contact in that account"), limit=40)
