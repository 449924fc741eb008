"""The form of a department."""

from flask_babel import lazy_gettext as _l

from portal.assignment.labels import WAYS
from portal.tenants.models.departments import MOST_OPEN
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import Number, choice_field, flag_field, line_field


class DepartmentForm(VersionedForm):
    name = line_field(_l("Name"), need=_l("Write the name of the department"), limit=80)
    active = flag_field(_l("In use"), default=True)
    assignment = choice_field(_l("New cases without an owner"), choices=WAYS, default="by_hand")
    most_open = Number(_l("Most open cases for each person"), low=1, high=MOST_OPEN, optional=True)
