"""The provider's own settings."""

from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from babel import Locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import ValidationError

from portal.web.forms import Number, choice, is_email, line
from portal.web.language import LANGUAGES
from portal.web.versions import VersionedForm

AFTER_CLOSE = (
    ("reopen", _l("A reply opens the closed case again")),
    ("new_case", _l("A reply opens a new case that is linked to the closed one")),
    ("refuse", _l("A reply is refused, with a way to open a new case")),
)


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """IANA zones that are named after a place, and UTC."""
    return (*sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")), "UTC")


def languages() -> list[tuple[str, str]]:
    """The languages that this installation speaks, each in its own words."""
    return [(code, str(Locale.parse(code).get_display_name() or code).capitalize()) for code in LANGUAGES]


class SettingsForm(VersionedForm):
    name = line(_l("Name"), name=_l("name"), need=_l("Write the name of your company"), limit=120)
    locale = choice(_l("Language"))
    zone = choice(_l("Time zone"))
    welcome = line(_l("Welcome line"), name=_l("welcome line"), limit=200)
    support_phone = line(_l("Support phone"), name=_l("phone"), limit=50)
    support_email = line(_l("Support email"), name=_l("email"), limit=320, checks=[is_email])
    after_close = choice(_l("When somebody replies to a closed case"), choices=AFTER_CLOSE)
    reopen_days = Number(_l("Days after closing in which that holds"), low=1, high=3650, optional=True)
    auto_close_hours = Number(_l("Hours after which a resolved case closes by itself"), low=1, high=8760)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.locale.choices = languages()
        self.zone.choices = [(name, name.replace("_", " ")) for name in zones()]

    def validate_support_phone(self, field: Any) -> None:
        """At least five digits, where something was written."""
        if field.data and sum(c.isdigit() for c in field.data) < 5:
            raise ValidationError(_("Write the phone number with at least 5 digits"))

    def facts(self) -> dict[str, Any]:
        """The columns as they should be."""
        names = (
            "name",
            "locale",
            "zone",
            "welcome",
            "support_phone",
            "support_email",
            "after_close",
            "reopen_days",
            "auto_close_hours",
        )
        values = {name: getattr(self, name).data for name in names}
        return {**values, **{n: values[n] or "" for n in ("welcome", "support_phone", "support_email")}}
