"""Forms of telephone systems and of one's own extension."""

from flask_babel import lazy_gettext as _l

from portal.web.edit_conflict import VersionedForm
from portal.web.forms import Form, flag_field, line_field


class NewSystemForm(Form):
    """A telephone system is made with its name only."""

    name = line_field(_l("Name"), need=_l("Write a name"), limit=80)


class SystemForm(VersionedForm):
    """The name of a telephone system, and whether it is listened to."""

    name = line_field(_l("Name"), need=_l("Write a name"), limit=80)
    active = flag_field(_l("In use"))


class ExtensionForm(Form):
    """One's own extension."""

    number = line_field(_l("My extension"), limit=30)
