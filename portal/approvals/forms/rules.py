"""The form of a rule (`/admin/approvals`)."""

from collections.abc import Mapping
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.approvals.actions.rules import RuleFacts, StepFacts
from portal.approvals.labels import ROLE_NAMES
from portal.approvals.rules import MOST_STEPS
from portal.cases.labels import kind_label
from portal.cases.queries.interface import request_fields
from portal.cases.queries.request_fields import fields_of
from portal.kernel.actor import Id
from portal.kernel.ids import parse_id
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import MultipleChoiceField, Number, choice_field, flag_field, line_field, text_field

MODES = (("one", _l("One of them")), ("all", _l("All of them")), ("count", _l("So many of them")))
STEPS = range(1, MOST_STEPS + 1)


class ApprovalRuleForm(VersionedForm):
    """Which cases need a yes, from whom, and what happens meanwhile. The choices are set by `offer`."""

    name = line_field(_l("Name"), need=_l("Write a name"), limit=80)
    position = Number(_l("Place in the order"), low=1, high=99)
    active = flag_field(_l("In use"))
    client = line_field(_l("Client"), limit=200)
    request_type = choice_field(_l("Request type"))
    environment_kind = choice_field(_l("Kind of environment"))
    severity = choice_field(_l("Severity"))
    amount_field = choice_field(_l("Number of the form"))
    over = line_field(_l("Over"), limit=30)
    due_hours = Number(_l("Hours until the question ends"), low=1, high=2000, optional=True)
    remind_hours = Number(_l("Hours between reminders"), low=0, high=1000)
    pauses = flag_field(_l("Promises rest while the case waits for a yes"))
    mode_1 = choice_field(_l("How many must say yes"), choices=MODES)
    needed_1 = Number(_l("Number, for “so many of them”"), low=1, high=30, optional=True)
    roles_1 = MultipleChoiceField(_l("By role"))
    people_1 = text_field(_l("By name"), limit=5000)
    mode_2 = choice_field(_l("How many must say yes"), choices=MODES)
    needed_2 = Number(_l("Number, for “so many of them”"), low=1, high=30, optional=True)
    roles_2 = MultipleChoiceField(_l("By role"))
    people_2 = text_field(_l("By name"), limit=5000)
    mode_3 = choice_field(_l("How many must say yes"), choices=MODES)
    needed_3 = Number(_l("Number, for “so many of them”"), low=1, high=30, optional=True)
    roles_3 = MultipleChoiceField(_l("By role"))
    people_3 = text_field(_l("By name"), limit=5000)

    def offer(self, types: Any, levels: Any) -> None:
        """Let people choose among request *types*, numbers that their forms ask, and severity *levels*."""
        self.amount_field.choices = [("", _("None")), *number_choices(types)]
        self.request_type.choices = [("", _("Any")), *((str(one.id), one.name) for one in types)]
        self.severity.choices = [
            ("", _("Any")),
            *((str(one.rank), _("%(level)s and worse", level=one.name)) for one in levels),
        ]
        kinds = ("production", "test", "development")
        self.environment_kind.choices = [("", _("Any")), *((kind, kind_label(kind)) for kind in kinds)]
        for number in STEPS:
            self[f"roles_{number}"].choices = [(role, str(name)) for role, name in ROLE_NAMES.items()]

    def facts(self) -> RuleFacts:
        """What was written, for the action."""
        return RuleFacts(
            name=self.name.data or "",
            active=bool(self.active.data),
            position=self.position.data or 1,
            client=self.client.data or "",
            request_type_id=parse_id(self.request_type.data),
            environment_kind=self.environment_kind.data or "",
            severity=int(self.severity.data) if self.severity.data else None,
            steps=[self._step(number) for number in STEPS],
            due_hours=self.due_hours.data,
            remind_hours=self.remind_hours.data or 0,
            pauses=bool(self.pauses.data),
            amount_field=self.amount_field.data or "",
            over=self.over.data or "",
        )

    def _step(self, number: int) -> StepFacts:
        return StepFacts(
            mode=self[f"mode_{number}"].data or "one",
            needed=self[f"needed_{number}"].data or 1,
            roles=list(self[f"roles_{number}"].data or ()),
            people=self[f"people_{number}"].data or "",
        )

    def fill(self, row: Any, client: str, addresses: Mapping[Id, str]) -> None:
        """Show what *row* says now; *addresses* by user."""
        for name in ("name", "active", "position", "environment_kind", "due_hours", "remind_hours", "pauses"):
            self[name].data = getattr(row, name)
        self.client.data, self.version.data = client, str(row.version)
        self.request_type.data = str(row.request_type_id or "")
        self.amount_field.data = f"{row.request_type_id}:{row.field_key}" if row.field_key else ""
        self.over.data = format(row.over.normalize(), "f") if row.over is not None else ""
        self.severity.data = "" if row.severity is None else str(row.severity)
        for number, step in enumerate(row.steps[:MOST_STEPS], 1):
            self[f"mode_{number}"].data = step["mode"]
            self[f"needed_{number}"].data = step["needed"] if step["mode"] == "count" else None
            self[f"roles_{number}"].data = list(step.get("roles", ()))
            self[f"people_{number}"].data = "\n".join(_line(one, addresses) for one in step.get("people", ()))

    def fill_new(self, position: int) -> None:
        """Show what a new rule usually has."""
        self.position.data, self.active.data, self.pauses.data, self.remind_hours.data = position, True, True, 24
        self.roles_1.data = ["organization_admin"]


def number_choices(types: Any) -> list[tuple[str, str]]:
    """(type and key, words) of the numbers that the forms of request *types* ask."""
    return [
        (f"{kind.id}:{one.key}", f"{kind.name}: {request_fields.pick_text(one.label, str(get_locale() or 'en'))}")
        for kind in types
        for one in fields_of(kind)
        if one.kind == request_fields.NUMBER
    ]


def _line(person: dict[str, str], addresses: Mapping[Id, str]) -> str:
    first, deputy = (parse_id(person.get(key)) for key in ("id", "deputy"))
    written = [addresses[one] for one in (first, deputy) if one is not None and one in addresses]
    return " / ".join(written)
