"""How the portal looks."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import ValidationError

from portal.web.edit_conflict import VersionedForm
from portal.web.forms import flag_field, is_email, line_field

NAMES = ("display_name", "accent", "welcome", "support_phone", "support_email")


class BrandingForm(VersionedForm):
    display_name = line_field(_l("Name of the portal"), limit=80)
    welcome = line_field(_l("Welcome line"), limit=200)
    accent = line_field(_l("Accent color"), limit=9)
    logo = FileField(_l("Logo"))
    remove_logo = flag_field(_l("Remove the logo"))
    support_phone = line_field(_l("Support phone"), limit=50)
    support_email = line_field(_l("Support email"), limit=320, checks=[is_email])

    def validate_support_phone(self, field: Any) -> None:
        """At least five digits, where something was written."""
        if field.data and sum(c.isdigit() for c in field.data) < 5:
            raise ValidationError(_("Write the phone number with at least 5 digits"))

    def facts(self) -> dict[str, Any]:
        """The columns as they should be, the accent as it was typed."""
        return {name: getattr(self, name).data or "" for name in NAMES}
