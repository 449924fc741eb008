"""The form that changes many cases."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from portal.web.forms import PressForm, line_field
from portal.web.forms import text_field as many_lines
from portal.web.send_anyway_fields import SendAnywayFields


class BulkForm(SendAnywayFields, PressForm):
    """`POST /desk/bulk`: one verb for the cases with the keys in `case`."""

    action = line_field(_l("Action"), limit=20, need=_l("Choose what to do"))
    owner = line_field(_l("Owner"), limit=40)
    department = line_field(_l("Department"), limit=40)
    tag = line_field(_l("Tags"), limit=400)
    reason = many_lines(_l("Reason"), limit=2000)
    confirm = HiddenField()


class UndoForm(PressForm):
    """`POST /desk/bulk/undo`: the press to take back, by the id of its request."""

    run = line_field(_l("Change"), limit=64)
