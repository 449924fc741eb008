"""Forms of environments."""

from flask_babel import lazy_gettext as _l

from portal.web.edit_conflict import VersionedForm
from portal.web.forms import Form, choice_field, flag_field, line_field

KINDS = (("production", _l("Production")), ("test", _l("Test")), ("development", _l("Development")))


class EnvironmentForm(VersionedForm):
    name = line_field(_l("Name"), need=_l("Write the name of the environment"), limit=120)
    kind = choice_field(_l("Kind"), choices=KINDS, default="production")
    active = flag_field(_l("In use"), default=True)


class NewEnvironmentForm(Form):
    name = line_field(_l("Name"), need=_l("Write the name of the environment"), limit=120)
    kind = choice_field(_l("Kind"), choices=KINDS, default="production")
