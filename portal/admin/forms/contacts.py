"""Forms of contacts."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from portal.web.edit_conflict import VersionedForm
from portal.web.forms import Form, PressForm, TickedIdsField, choice_field, flag_field, is_email, line_field
from portal.web.pairs_field import PairsField


def access() -> PairsField:
    """Rows of place and role."""
    return PairsField(
        _l("Access"),
        left="place",
        right="role",
        wrong=_l("Choose accounts and environments of this organization"),
        twice=_l("Choose each account or environment once"),
    )


class NewContactForm(Form):
    name = line_field(lazy_pgettext("person", "Name"), need=_l("Write the person's name"))
    email = line_field(_l("Email"), need=_l("Write the person's email"), limit=320, checks=[is_email])
    title = line_field(_l("What they do"), limit=100)
    access = access()
    invite = flag_field(_l("Send an invitation by email"), default=True)


class ContactForm(VersionedForm):
    title = line_field(_l("What they do"), limit=100)
    severity_floor = choice_field(_l("Lowest severity of their cases"), wrong=_l("Choose one of the severities"))
    access = access()
    hand_to = line_field(_l("New contact"), limit=40)
    cases = TickedIdsField(_l("Open cases"))


class EndContactForm(PressForm):
    """The question whether somebody's access ends, with what becomes of their open cases."""

    hand_to = line_field(_l("New contact"), limit=40)
    cases = TickedIdsField(_l("Open cases"))
