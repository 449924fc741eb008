"""The form that corrects who somebody is; the administration and an organization's own pages show it."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from portal.web.edit_conflict import VersionedForm
from portal.web.forms import at_least, choice_field, is_email, line_field


class PersonForm(VersionedForm):
    """Name, address, phone and zone of a person. The page offers the zones; '' is the provider's."""

    name = line_field(lazy_pgettext("person", "Name"), need=_l("Write the person's name"))
    email = line_field(_l("Email"), need=_l("Write the person's email"), limit=320, checks=[is_email])
    phone = line_field(_l("Phone"), limit=50, checks=[at_least(5, _l("Write the phone number with at least 5 digits"))])
    zone = choice_field(_l("Time zone"))
