"""Forms of request types."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.cases.actions.request_types import RequestTypeSettings
from portal.cases.queries.interface import form_fields
from portal.kernel import ids
from portal.kernel.actor import Id
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import MultipleChoiceField, choice_field, flag_field, line_field, text_field

ICONS = (
    ("bolt", _l("Bolt")),
    ("question", _l("Question")),
    ("tool", _l("Tool")),
    ("euro", _l("Money")),
    ("building", _l("Building")),
    ("briefcase", _l("Briefcase")),
    ("users", _l("People")),
    ("user", _l("Person")),
    ("key", _l("Key")),
    ("shield", _l("Shield")),
    ("lock", _l("Lock")),
    ("globe", _l("Globe")),
    ("mail", _l("Email")),
    ("phone", _l("Phone")),
    ("chat", _l("Chat")),
    ("clock", _l("Clock")),
    ("file", _l("Document")),
    ("download", _l("Download")),
    ("settings", _l("Settings")),
    ("megaphone", _l("Announcement")),
    ("book", _l("Book")),
    ("chart", _l("Chart")),
    ("star", _l("Star")),
    ("warning", _l("Warning")),
)

MODES = {
    form_fields.OFF: _l("Not asked"),
    form_fields.OPTIONAL: _l("Optional"),
    form_fields.REQUIRED: _l("Required"),
}


def _mode(name: str) -> Any:
    choices = [(mode, MODES[mode]) for mode in form_fields.modes(name)]
    return choice_field(form_fields.LABELS[name], choices=choices, default=form_fields.OPTIONAL)


class RequestTypeForm(VersionedForm):
    """Choices of rank, department and service are set at run time."""

    name = line_field(_l("Name"), need=_l("Write the name of the request type"), limit=60)
    description = line_field(_l("Sentence on the tile"), limit=160)
    icon = choice_field(_l("Icon"), choices=ICONS, default="question")
    template = text_field(_l("What the description starts with"), limit=4000)
    asks_severity = flag_field(_l("Ask how work is affected"), default=True)
    default_rank = choice_field(_l("Severity where it is not asked"), wrong=_l("Choose one of the severity levels"))
    takes_files = flag_field(_l("Files can be attached in the form"), default=True)
    department = choice_field(_l("Goes to"))
    service = choice_field(_l("Only for accounts that bought"))
    only_roles = MultipleChoiceField(_l("Only for the roles"))
    only_accounts = line_field(_l("Only for the accounts"), limit=2000)
    active = flag_field(_l("Can be chosen"), default=True)
    field_contact = _mode("contact")
    field_environment = _mode("environment")
    field_phone = _mode("phone")
    field_email = _mode("email")
    field_cc = _mode("cc")
    field_visibility = _mode("visibility")
    field_department = _mode("department")
    field_notify = _mode("notify")

    def modes(self) -> list[Any]:
        """The fields that say which fields the form has."""
        return [self[f"field_{name}"] for name in form_fields.FIELDS]

    def account_keys(self) -> list[str]:
        """The keys of accounts, as they were written."""
        return [key for key in (self.only_accounts.data or "").upper().replace(",", " ").split() if key]

    def design(self, account_ids: Sequence[Id] = ()) -> RequestTypeSettings:
        """The values for the actions; *account_ids*: those of the accounts whose keys were written."""
        return RequestTypeSettings(
            name=self.name.data,
            description=self.description.data or "",
            icon=self.icon.data,
            template=self.template.data or "",
            asks_severity=self.asks_severity.data,
            default_rank=int(self.default_rank.data),
            takes_files=self.takes_files.data,
            fields={name: self[f"field_{name}"].data or form_fields.OPTIONAL for name in form_fields.FIELDS},
            only_roles=tuple(self.only_roles.data or ()),
            only_accounts=tuple(account_ids),
            department_id=ids.parse_id(self.department.data),
            requires_service_id=ids.parse_id(self.service.data),
            active=self.active.data,
        )
