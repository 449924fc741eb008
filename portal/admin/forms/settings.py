"""The provider's own settings."""

from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from babel import Locale
from flask_babel import lazy_gettext as _l

from portal.authz.roles import StaffRole
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import MultipleChoiceField, Number, choice_field, flag_field, line_field
from portal.web.language import LANGUAGES
from portal.web.role_labels import role_name

AFTER_CLOSE = (
    ("reopen", _l("A reply opens the closed case again")),
    ("new_case", _l("A reply opens a new case that is linked to the closed one")),
    ("refuse", _l("A reply is refused, with a way to open a new case")),
)

# The keys of `tenants.models.Provider.object_word`.
OBJECT_WORDS = (("case", _l("Case")), ("ticket", _l("Ticket")), ("request", _l("Request")))
WHO_CLOSES = (
    ("both", _l("Customers and staff")),
    ("contact", _l("Customers only")),
    ("staff", _l("Staff only")),
)
PROMISES_SHOWN = (
    ("dates", _l("The promised time, and how it was counted")),
    ("state", _l("Only the state of a promise: running, paused, kept or late")),
    ("nothing", _l("Nothing")),
)
REGISTRATION = (
    ("invited", _l("People who are invited")),
    ("contacts", _l("Also every known contact who asks for a link")),
    ("anyone", _l("Anyone. People without a company see nothing")),
)


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """IANA zones that are named after a place, and UTC."""
    return (*sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")), "UTC")


def languages() -> list[tuple[str, str]]:
    """The languages of this installation, each by its own name."""
    return [(code, str(Locale.parse(code).get_display_name() or code).capitalize()) for code in LANGUAGES]


class SettingsForm(VersionedForm):
    name = line_field(_l("Name"), need=_l("Write the name of your company"), limit=120)
    locale = choice_field(_l("Language"))
    zone = choice_field(_l("Time zone"))
    object_word = choice_field(_l("What customers open is called"), choices=OBJECT_WORDS)
    after_close = choice_field(_l("When somebody replies to a closed case"), choices=AFTER_CLOSE)
    reopen_days = Number(_l("For how many days after closing"), low=1, high=3650, optional=True)
    auto_close_hours = Number(_l("Hours until a resolved case closes automatically"), low=1, high=8760)
    first_reminder_days = Number(_l("Days until the first reminder of a question"), low=0, high=365)
    second_reminder_days = Number(_l("Days until the second reminder"), low=0, high=365)
    proposal_days = Number(_l("Days until support is told to resolve a case without an answer"), low=0, high=365)
    joins_raise_at = Number(
        _l("Raise a case one level when so many more people say that it hits them"), low=0, high=999
    )
    joins_raise_limit = Number(_l("At most to this severity level (1 is the highest)"), low=1, high=4)
    customer_decides = flag_field(_l("Customers accept or reject a solution"))
    who_closes = choice_field(_l("Who may close a case that is not resolved"), choices=WHO_CLOSES)
    records_time = flag_field(_l("Staff write down the time that they work on cases"))
    promises_shown = choice_field(_l("What customers see about promises on their cases"), choices=PROMISES_SHOWN)
    registration = choice_field(_l("Who can sign in"), choices=REGISTRATION)
    factor_roles = MultipleChoiceField(_l("Roles that confirm their sign-in with a second device"))
    factor_grace_days = Number(_l("For how many days they can put it off"), low=0, high=365)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.locale.choices = languages()
        self.factor_roles.choices = [(role.value, role_name(role)) for role in StaffRole]
        self.zone.choices = [(name, name.replace("_", " ")) for name in zones()]

    def facts(self) -> dict[str, Any]:
        """The columns as they should be."""
        names = (
            "name",
            "locale",
            "zone",
            "object_word",
            "after_close",
            "reopen_days",
            "auto_close_hours",
            "first_reminder_days",
            "second_reminder_days",
            "proposal_days",
            "joins_raise_at",
            "joins_raise_limit",
            "customer_decides",
            "who_closes",
            "records_time",
            "promises_shown",
            "registration",
            "factor_roles",
            "factor_grace_days",
        )
        return {name: getattr(self, name).data for name in names}
