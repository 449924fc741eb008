"""The form of the promised update."""

from flask_babel import lazy_gettext as _l

from portal.web.forms import PressForm, flag_field, text_field
from portal.web.send_anyway_fields import SendAnywayFields


class UpdateForm(SendAnywayFields, PressForm):
    """`POST /desk/cases/<KEY>/update`."""

    body = text_field(_l("Update"), need=_l("Write the update"))
    no_news = flag_field(_l("It only says that there is no news yet"))
