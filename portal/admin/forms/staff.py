"""Forms of staff members."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from portal.admin.forms.fields import CheckboxesField
from portal.authz.roles import StaffRole
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import PressForm, choice_field, flag_field, is_email, line_field
from portal.web.role_labels import role_choices

TIERS = (("1", _l("Tier 1")), ("2", _l("Tier 2")), ("3", _l("Tier 3")))


class StaffForm(VersionedForm):
    role = choice_field(_l("Role"), need=_l("Choose a role"), wrong=_l("Choose a role"), default="agent")
    tier = choice_field(_l("Tier"), choices=TIERS, default="1")
    reach = choice_field(
        _l("Accounts they look after"),
        default="all",
        choices=[("all", _l("All accounts")), ("some", _l("Only these"))],
    )
    accounts = CheckboxesField(_l("Accounts"))
    departments = CheckboxesField(_l("Departments"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = role_choices(StaffRole)

    def validate(self, extra_validators: Any = None) -> bool:
        valid: bool = super().validate(extra_validators)
        if self.reach.data == "some" and not self.accounts.data and not self.accounts.errors:
            self.accounts.errors = [_("Choose at least one account, or all accounts")]
            valid = False
        return valid

    def facts(self) -> dict[str, Any]:
        """The values for the actions."""
        everything = self.reach.data == "all"
        return {
            "role": self.role.data,
            "tier": int(self.tier.data),
            "all_accounts": everything,
            "accounts": [] if everything else self.accounts.ids(),
            "departments": self.departments.ids(),
        }


class NewStaffForm(StaffForm):
    name = line_field(lazy_pgettext("person", "Name"), need=_l("Write the person's name"))
    email = line_field(_l("Email"), need=_l("Write the person's email"), limit=320, checks=[is_email])
    invite = flag_field(_l("Send an invitation by email"), default=True)


class EndStaffForm(PressForm):
    """A question about a staff member; for the end of their access with who takes over what they own."""

    hand_to = line_field(_l("Who takes over what they own?"), limit=40)
