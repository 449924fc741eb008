"""What an organization's own administrator types on the portal."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from portal.web.edit_conflict import VersionedForm
from portal.web.forms import Form, choice, flag, is_email, line
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
    name = line(lazy_pgettext("person", "Name"), name=_l("name"), need=_l("Write the person's name"))
    email = line(_l("Email"), name=_l("email"), need=_l("Write the person's email"), limit=320, checks=[is_email])
    access = access()
    invite = flag(_l("Send an invitation by mail"), default=True)


class AccessForm(VersionedForm):
    access = access()


class OwnEnvironmentForm(Form):
    """A new environment."""

    account = choice(_l("Account"), wrong=_l("Choose an account"))
    name = line(_l("Name"), name=_l("name"), need=_l("Write the name of the environment"), limit=120)
    kind = choice(_l("Kind"), choices=KINDS, default="production")


class ChangeOwnEnvironmentForm(VersionedForm):
    name = line(_l("Name"), name=_l("name"), need=_l("Write the name of the environment"), limit=120)
    kind = choice(_l("Kind"), choices=KINDS)
    active = flag(_l("In use"))


class SharingRulesForm(VersionedForm):
    default_visibility = choice(_l("New cases start as"), choices=VISIBILITIES)
    requesters_see_shared = flag(_l("Requesters see shared cases"))
    admins_see_private = flag(_l("Administrators see private cases of everyone"))
