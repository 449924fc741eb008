"""Forms of organizations."""

from typing import Any

from flask_babel import lazy_gettext as _l

from portal.web.edit_conflict import VersionedForm
from portal.web.forms import Form, choice_field, flag_field, line_field

VISIBILITIES = (
    ("private", _l("Private: only the people on the case")),
    ("shared", _l("Shared: everyone with access to the account")),
)


class OrganizationForm(VersionedForm):
    name = line_field(_l("Name"), need=_l("Write the name of the organization"), limit=120)
    default_visibility = choice_field(_l("New cases start as"), choices=VISIBILITIES)
    admins_see_private = flag_field(_l("Its administrators see private cases too"))
    requesters_see_shared = flag_field(_l("Requesters see shared cases"))
    outside_copy = flag_field(_l("People from outside may be put in copy"))
    active = flag_field(_l("Active"))

    def facts(self) -> dict[str, Any]:
        """The columns as they should be."""
        return {
            "name": self.name.data,
            "default_visibility": self.default_visibility.data,
            "admins_see_private": self.admins_see_private.data,
            "requesters_see_shared": self.requesters_see_shared.data,
            "outside_copy": self.outside_copy.data,
            "active": self.active.data,
        }


class NewOrganizationForm(Form):
    name = line_field(_l("Name"), need=_l("Write the name of the organization"), limit=120)
    default_visibility = choice_field(_l("New cases start as"), choices=VISIBILITIES, default="private")
