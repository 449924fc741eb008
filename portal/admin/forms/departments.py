"""The form of a department."""

from flask_babel import lazy_gettext as _l

from portal.web.edit_conflict import VersionedForm
from portal.web.forms import flag_field, line_field


class DepartmentForm(VersionedForm):
    name = line_field(_l("Name"), need=_l("Write the name of the department"), limit=80)
    active = flag_field(_l("In use"), default=True)
