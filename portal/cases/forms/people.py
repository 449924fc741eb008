"""Forms that change who sees a case and who is notified of it."""

from flask_babel import lazy_gettext as _l

from portal.cases.forms.fields import CopyFields
from portal.web.forms import PressForm, choice_field, line_field


class SharingForm(PressForm):
    """`POST …/sharing`: a visibility, a colleague, an organization, or a grant to remove."""

    visibility = line_field(_l("Who can see this?"), limit=10)
    person = line_field(_l("Colleague"), limit=320)
    remove = line_field(_l("Remove"), limit=40)
    organization = line_field(_l("Organization"), limit=40)


class PeopleForm(CopyFields, PressForm):
    """`POST …/people`: addresses in copy, or a grant to remove."""

    remove = line_field(_l("Remove"), limit=40)


class ExclusionForm(PressForm):
    """`POST …/exclusions`: a person to exclude, or an exclusion to lift."""

    person = line_field(_l("Person"), limit=320)
    readmit = line_field(_l("Restore access"), limit=40)


class SubscriptionForm(PressForm):
    """`POST …/mute`: `wish` holds the mode; without it the form toggles muting."""

    wish = line_field(_l("Notifications you want"), limit=10)


class JoinForm(PressForm):
    """`POST /cases/<KEY>/join`: where it hits the person, and how."""

    environment = choice_field(_l("Where does it hit you?"), wrong=_l("Choose one of your environments"))
    impact = line_field(
        _l("How does it hit your work?"), need=_l("Write in a few words how it hits your work"), limit=200
    )
