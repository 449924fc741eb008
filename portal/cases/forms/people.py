"""Forms that change who sees a case and who hears of it."""

from flask_babel import lazy_gettext as _l

from portal.web.forms import PressForm, line


class SharingForm(PressForm):
    """`POST /cases/<KEY>/sharing`: who may see it, or one colleague by name."""

    visibility = line(_l("Who can see this?"), limit=10)
    person = line(_l("Colleague"), limit=320)
    remove = line(_l("Remove"), limit=40)
    organization = line(_l("Organization"), limit=40)


class PeopleForm(PressForm):
    """`POST /cases/<KEY>/people`: addresses in copy, or a grant to take back."""

    cc = line(_l("Copy to"), limit=2000)
    remove = line(_l("Remove"), limit=40)


class ExclusionForm(PressForm):
    """`POST /cases/<KEY>/exclusions`: a person to keep out, or to let in again."""

    person = line(_l("Person"), limit=320)
    readmit = line(_l("Let in again"), limit=40)


class SubscriptionForm(PressForm):
    """`POST /cases/<KEY>/mute`: no field toggles; `wish` says it exactly."""

    wish = line(_l("What you want to hear"), limit=10)
