"""Forms of service accounts."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.admin.forms.environments import KINDS
from portal.admin.forms.fields import CheckboxesField
from portal.tenants.actions.accounts import FirstAdmin
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import Form, Number, choice_field, flag_field, is_email, line_field


class NewAccountForm(Form):
    """Company, key, first environment, first administrator: one page, one press."""

    organization = choice_field(_l("Organization"), wrong=_l("Choose an organization"))
    organization_name = line_field(_l("Name of the new organization"), limit=120)
    name = line_field(_l("Name of the account"), limit=120)
    key = line_field(_l("Key"), need=_l("Write a key, for example ACME"), limit=20)
    environment = line_field(_l("Name of the first environment"), limit=120)
    environment_kind = choice_field(_l("Kind"), choices=KINDS, default="production")
    admin_name = line_field(_l("Name of the first administrator"))
    admin_email = line_field(_l("Their email"), limit=320, checks=[is_email])
    invite = flag_field(_l("Send an invitation by email"), default=True)

    def validate(self, extra_validators: Any = None) -> bool:
        valid: bool = super().validate(extra_validators)
        if not self.organization.data and not self.organization_name.data:
            self.organization_name.errors = [_("Choose an organization, or write the name of a new one")]
            valid = False
        if bool(self.admin_name.data) != bool(self.admin_email.data):
            empty = self.admin_email if self.admin_name.data else self.admin_name
            empty.errors = [*empty.errors, _("Write both name and email of the administrator, or neither")]
            valid = False
        return valid

    def admin(self) -> FirstAdmin | None:
        """The first administrator, if one was named."""
        if not self.admin_email.data:
            return None
        return FirstAdmin(self.admin_name.data, self.admin_email.data, self.invite.data)


class AccountForm(VersionedForm):
    name = line_field(_l("Name"), need=_l("Write the name of the account"), limit=120)
    key = line_field(_l("Key"), need=_l("Write a key, for example ACME"), limit=20)
    suspend = flag_field(_l("This account is suspended"))
    suspended = line_field(_l("What its people read instead of the form"), limit=300)
    services = CheckboxesField(_l("Services"))
    severity_floor = choice_field(_l("Lowest severity of its cases"), wrong=_l("Choose one of the severities"))
    manager = choice_field(_l("Account manager"), wrong=_l("Choose a member of your team"))
    first_reminder_days = Number(_l("Days until the first reminder of a question"), low=0, high=365, optional=True)
    second_reminder_days = Number(_l("Days until the second reminder"), low=0, high=365, optional=True)
    proposal_days = Number(
        _l("Days until support is told to resolve a case without an answer"), low=0, high=365, optional=True
    )

    def validate(self, extra_validators: Any = None) -> bool:
        valid: bool = super().validate(extra_validators)
        if self.suspend.data and not self.suspended.data:
            self.suspended.errors = [_("Write what the people of this account read")]
            valid = False
        return valid

    def sentence(self) -> str:
        """What is stored: a sentence only while suspended."""
        return self.suspended.data if self.suspend.data else ""
