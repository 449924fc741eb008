"""The form that changes many cases."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from portal.web.forms import PressForm, line
from portal.web.forms import body as many_lines


class BulkForm(PressForm):
    """`POST /desk/bulk`: one verb for the cases whose keys stand in `case`."""

    action = line(_l("Action"), limit=20, need=_l("Choose what to do"))
    owner = line(_l("Owner"), limit=40)
    department = line(_l("Department"), limit=40)
    reason = many_lines(_l("Reason"), name=_l("reason"), limit=2000)
    confirm = HiddenField()
