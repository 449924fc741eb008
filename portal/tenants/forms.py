"""Forms of the portal for administrators of an organization."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from portal.tenants.labels import MANAGERS
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import Form, PressForm, TickedIdsField, choice_field, flag_field, is_email, line_field
from portal.web.pairs_field import PairsField

KINDS = (("production", _l("Production")), ("test", _l("Test")), ("development", _l("Development")))
VISIBILITIES = (
    ("private", _l("Private: only the people on the case and support")),
    ("shared", _l("Shared: also everyone with access to the account")),
)


def access() -> PairsField:
    """Rows of place and role."""
    return PairsField(
        _l("Access"),
        left="place",
        right="role",
        wrong=_l("Choose accounts and environments that you administer"),
        twice=_l("Choose each account or environment once"),
        need=_l("Choose what the person gets access to"),
    )


class InviteForm(Form):
    name = line_field(lazy_pgettext("person", "Name"), need=_l("Write the person's name"))
    email = line_field(_l("Email"), need=_l("Write the person's email"), limit=320, checks=[is_email])
    access = access()
    invite = flag_field(_l("Send an invitation by email"), default=True)


class AccessForm(VersionedForm):
    access = access()
    hand_to = line_field(_l("New contact"), limit=40)
    cases = TickedIdsField(_l("Open cases"))


class EndColleagueForm(PressForm):
    """The question whether a colleague's access ends, with what becomes of their open cases."""

    hand_to = line_field(_l("New contact"), limit=40)
    cases = TickedIdsField(_l("Open cases"))


class ManagerForm(VersionedForm):
    """To whom a person reports: the id of a place, or '' for nobody."""

    manager = line_field(_l("Reports to"), limit=40)


class OwnEnvironmentForm(Form):
    """A new environment."""

    account = choice_field(_l("Account"), wrong=_l("Choose an account"))
    name = line_field(_l("Name"), need=_l("Write the name of the environment"), limit=120)
    kind = choice_field(_l("Kind"), choices=KINDS, default="production")


class ChangeOwnEnvironmentForm(VersionedForm):
    name = line_field(_l("Name"), need=_l("Write the name of the environment"), limit=120)
    kind = choice_field(_l("Kind"), choices=KINDS)
    active = flag_field(_l("In use"))


class SharingRulesForm(VersionedForm):
    default_visibility = choice_field(_l("New cases start as"), choices=VISIBILITIES)
    requesters_see_shared = flag_field(_l("Requesters see shared cases"))
    admins_see_private = flag_field(_l("Administrators see private cases of everyone"))
    managers_see = choice_field(_l("Managers see the cases of their people"), choices=MANAGERS)
