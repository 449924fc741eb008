"""The form of a rule (`/admin/rules`)."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.cases.labels import CHANNELS, kind_label
from portal.kernel.ids import parse_id
from portal.rules.actions.case_rules import CaseRuleFacts
from portal.rules.engine.case_rules import Trigger
from portal.rules.labels import TRIGGERS
from portal.rules.rules import MOST_HOURS, NAME_LIMIT, NOTE_LIMIT, PHRASES_LIMIT, REASON_LIMIT
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import Number, choice_field, flag_field, line_field, text_field

# Fields that hold what the row holds, and those that hold it as a choice.
_SAME = (
    *("name", "active", "position", "trigger", "environment_kind", "channel", "status", "subject_words", "text_words"),
    *("domain", "unowned", "reason", "note"),
)
_CHOICES = {
    "request_type": "request_type_id",
    "department": "department_id",
    "severity": "severity",
    "tier": "tier",
    "set_department": "set_department_id",
    "set_tier": "set_tier",
    "set_owner": "set_owner_id",
    "set_severity": "set_severity",
    "follower": "follower_id",
}
_NUMBERS = ("severity", "tier", "set_tier", "set_severity")


class CaseRuleForm(VersionedForm):
    """When, which cases, and what happens to them. The choices are set by `offer`."""

    name = line_field(_l("Name"), need=_l("Write a name"), limit=NAME_LIMIT)
    position = Number(_l("Place in the order"), low=1, high=99)
    active = flag_field(_l("In use"))
    trigger = choice_field(_l("When"), choices=tuple((one.value, words) for one, words in TRIGGERS.items()))
    hours = Number(_l("Hours"), low=1, high=MOST_HOURS, optional=True)
    client = line_field(_l("Client"), limit=200)
    environment = line_field(_l("Environment"), limit=200)
    environment_kind = choice_field(_l("Kind of environment"))
    request_type = choice_field(_l("Request type"))
    department = choice_field(_l("Department"))
    severity = choice_field(_l("Severity"))
    tier = choice_field(_l("Tier"))
    channel = choice_field(_l("Channel"))
    status = choice_field(_l("Status"))
    unowned = flag_field(_l("Only while nobody owns it"))
    subject_words = line_field(_l("Words in the subject"), limit=PHRASES_LIMIT)
    text_words = line_field(_l("Words in the first message"), limit=PHRASES_LIMIT)
    domain = line_field(_l("Domain of the contact’s address"), limit=200)
    set_department = choice_field(_l("Set the department"))
    set_tier = choice_field(_l("Set the tier"))
    set_owner = choice_field(_l("Set the owner"))
    set_severity = choice_field(_l("Change the severity"))
    reason = line_field(_l("Why the severity changes"), limit=REASON_LIMIT)
    follower = choice_field(_l("Let somebody follow it"))
    note = text_field(_l("Add an internal note"), limit=NOTE_LIMIT)

    def offer(self, *, types: Any, levels: Any, departments: Any, owners: Any, statuses: Any) -> None:
        """Let people choose among request *types*, severity *levels*, *departments*, *owners* and *statuses*."""
        any_one, as_it_is = ("", _("Any")), ("", _("Leave it"))
        named_departments = [(str(one.id), one.name) for one in departments]
        tiers = [(str(tier), str(tier)) for tier in (1, 2, 3)]
        kinds = ("production", "test", "development")
        self.environment_kind.choices = [any_one, *((kind, kind_label(kind)) for kind in kinds)]
        self.request_type.choices = [any_one, *((str(one.id), one.name) for one in types)]
        self.department.choices = [any_one, *named_departments]
        self.severity.choices = [
            any_one,
            *((str(one.rank), _("%(level)s and worse", level=one.name)) for one in levels),
        ]
        self.tier.choices = [any_one, *tiers]
        self.channel.choices = [any_one, *((key, str(label)) for key, label in CHANNELS.items())]
        self.status.choices = [any_one, *statuses]
        self.set_department.choices = [as_it_is, *named_departments]
        self.set_tier.choices = [as_it_is, *tiers]
        self.set_owner.choices = [as_it_is, *owners]
        self.set_severity.choices = [as_it_is, *((str(one.rank), one.name) for one in levels)]
        self.follower.choices = [("", _("Nobody")), *owners]

    def facts(self) -> CaseRuleFacts:
        """What was written, for the action."""
        chosen: dict[str, Any] = {
            column: (int(self[field].data) if self[field].data else None)
            if field in _NUMBERS
            else parse_id(self[field].data)
            for field, column in _CHOICES.items()
        }
        return CaseRuleFacts(
            name=self.name.data or "",
            trigger=Trigger(self.trigger.data or Trigger.OPENED),
            active=bool(self.active.data),
            position=self.position.data or 1,
            hours=self.hours.data or 0,
            client=self.client.data or "",
            environment=self.environment.data or "",
            environment_kind=self.environment_kind.data or "",
            channel=self.channel.data or "",
            status=self.status.data or "",
            subject_words=self.subject_words.data or "",
            text_words=self.text_words.data or "",
            domain=self.domain.data or "",
            unowned=bool(self.unowned.data),
            reason=self.reason.data or "",
            note=(self.note.data or "").strip(),
            **chosen,
        )

    def fill(self, row: Any, client: str, environment: str) -> None:
        """Show what *row* says now."""
        for name in _SAME:
            self[name].data = getattr(row, name)
        for field, column in _CHOICES.items():
            value = getattr(row, column)
            self[field].data = "" if value is None else str(value)
        self.hours.data = row.hours or None
        self.client.data, self.environment.data, self.version.data = client, environment, str(row.version)

    def fill_new(self, position: int) -> None:
        """Show what a new rule usually has."""
        self.position.data, self.active.data, self.trigger.data = position, True, Trigger.OPENED.value
