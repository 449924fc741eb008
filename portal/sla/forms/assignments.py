"""The form of an assignment."""

from flask_babel import lazy_gettext as _l

from portal.web.edit_conflict import VersionedForm
from portal.web.forms import choice_field


class AssignmentForm(VersionedForm):
    """The policy and the support hours for one place; empty: those of the broader agreement."""

    policy = choice_field(_l("Policy"), wrong=_l("Choose one of the policies"))
    calendar = choice_field(_l("Support hours"), wrong=_l("Choose one of the calendars"))
