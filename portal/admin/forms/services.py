"""The form of a service."""

from flask_babel import lazy_gettext as _l

from portal.web.edit_conflict import VersionedForm
from portal.web.forms import line_field


class ServiceForm(VersionedForm):
    name = line_field(_l("Name"), need=_l("Write the name of the service"), limit=80)
