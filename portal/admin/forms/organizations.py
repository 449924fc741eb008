"""Forms of organizations."""

from typing import Any

from flask_babel import lazy_gettext as _l

from portal.tenants.labels import MANAGERS
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import Form, Number, choice_field, flag_field, line_field

VISIBILITIES = (
    ("private", _l("Private: only the people on the case")),
    ("shared", _l("Shared: everyone with access to the account")),
)


REGISTRATIONS = (
    ("", _l("As the settings of the provider say")),
    ("invited", _l("Nobody: people are invited")),
    ("contacts", _l("Listed people who ask for a link")),
    ("approval", _l("Also people with an address of its domains; somebody decides about each")),
    ("automatic", _l("Also people with an address of its domains; they get the access that the domain gives")),
)


class OrganizationForm(VersionedForm):
    name = line_field(_l("Name"), need=_l("Write the name of the organization"), limit=120)
    default_visibility = choice_field(_l("New cases start as"), choices=VISIBILITIES)
    admins_see_private = flag_field(_l("Its administrators see private cases too"))
    requesters_see_shared = flag_field(_l("Requesters see shared cases"))
    managers_see = choice_field(_l("Managers see the cases of their people"), choices=MANAGERS)
    outside_copy = flag_field(_l("People from outside may be put in copy"))
    registration = choice_field(_l("Who may register as one of its people"), choices=REGISTRATIONS)
    factor_required = flag_field(_l("Its people confirm their sign-in with a second device"))
    factor_grace_days = Number(_l("For how many days they can put it off"), low=0, high=365)
    active = flag_field(_l("Active"))

    def __init__(self, *args: Any, obj: Any = None, **kwargs: Any) -> None:
        given = {"factor_required": obj.factor_required_at is not None} if obj is not None else {}
        super().__init__(*args, obj=obj, **given, **kwargs)

    def facts(self) -> dict[str, Any]:
        """The columns as they should be."""
        return {
            "name": self.name.data,
            "default_visibility": self.default_visibility.data,
            "admins_see_private": self.admins_see_private.data,
            "requesters_see_shared": self.requesters_see_shared.data,
            "managers_see": self.managers_see.data,
            "outside_copy": self.outside_copy.data,
            "registration": self.registration.data,
            "factor_required": self.factor_required.data,
            "factor_grace_days": self.factor_grace_days.data,
            "active": self.active.data,
        }


class NewOrganizationForm(Form):
    name = line_field(_l("Name"), need=_l("Write the name of the organization"), limit=120)
    default_visibility = choice_field(_l("New cases start as"), choices=VISIBILITIES, default="private")
