"""The form of a policy: five targets for each severity, what pauses, when alarms are possible."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from portal.kernel.errors import Refused
from portal.kernel.text import clean_line
from portal.sla.engine.policy import (
    PAUSABLE_STATES,
    ClockKind,
    NightAlarms,
    Policy,
    Promise,
    Target,
)
from portal.sla.labels.names import night_alarm_label, target_name
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import choice_field, flag_field, line_field

# The targets of one severity, in the order of the form; the first two may have a second time outside support hours.
TARGETS = ("first_response", "next_response", "next_update", "aim", "resolution")
OUTSIDE = ("first_response", "next_response")
UNITS = ("minute", "hour", "day", "week")
NIGHT_ALARMS = tuple(one.value for one in NightAlarms)
AMOUNT_LIMIT = 99_999
# What is no number is shown again as it was typed, so far.
TEXT_SHOWN = 200


def unit_choices(*, plain: bool = False) -> list[tuple[str, str]]:
    """Units of time; *plain*: outside support hours there are no weeks."""
    units = [("minute", _("minutes")), ("hour", _("hours")), ("day", _("business days")), ("week", _("weeks"))]
    return units[:2] if plain else units


def night_alarm_choices() -> list[tuple[str, str]]:
    """The choices for alarms about one severity at night."""
    return [(value, night_alarm_label(value)) for value in NIGHT_ALARMS]


class PolicyForm(VersionedForm):
    """Name, calendar and the rules beside the targets; the targets are in `TargetGrid`."""

    # The targets, which are no fields of the form.
    grid: "TargetGrid | None" = None

    name = line_field(_l("Name"), need=_l("Write a name"), limit=120)
    calendar = choice_field(_l("Support hours"), wrong=_l("Choose a calendar"), need=_l("Choose a calendar"))
    waiting_next_update = flag_field(_l("Next update"))
    waiting_resolution = flag_field(_l("Resolution"))
    on_hold_next_update = flag_field(_l("Next update"))
    on_hold_resolution = flag_field(_l("Resolution"))
    thresholds = line_field(_l("When alarms may be sent"), limit=60)
    asks_why = flag_field(_l("Ask for the reason before a case with a broken promise is resolved or closed"))
    start_responds = flag_field(_l("“Start work” keeps the promise of a first reply"))
    running = flag_field(_l("Open cases get the new targets"))
    # Of a new policy, while nothing is agreed with everybody.
    everybody = flag_field(_l("It holds for all clients, unless something else is agreed with them"))
    # The tester, and which button was pressed.
    try_at = line_field(_l("Case opened"), limit=20)
    try_severity = line_field(_l("Severity"), limit=1)
    do = HiddenField()

    def reject(self, refusal: Refused) -> None:
        """Show the refusal of an action: beside the target that it names, else as every form does."""
        if self.grid is None or not self.grid.blame(refusal):
            super().reject(refusal)

    def content(self, grid: "TargetGrid") -> dict[str, Any]:
        """The content for the actions (`engine.policy.parse_policy`). Raises Refused with the field."""
        pauses = {
            kind: [state for state in PAUSABLE_STATES if getattr(self, f"{state}_{kind}").data]
            for kind in ("next_update", "resolution")
        }
        return {
            "severities": grid.content(),
            "pauses": pauses,
            "thresholds": self.shares(),
            "asks_why": bool(self.asks_why.data),
            "start_responds": bool(self.start_responds.data),
        }

    def shares(self) -> list[int]:
        """The thresholds; Refused for anything but numbers from 1 to 500."""
        parts = (self.thresholds.data or "").replace("%", " ").replace(",", " ").split()
        if any(not (part.isdecimal() and part.isascii() and len(part) < 4 and 1 <= int(part) <= 500) for part in parts):
            raise Refused(_("Write percentages of the time such as 50, 75, 90, 100"), "thresholds")
        return [int(part) for part in parts]

    def fill(self, policy: Policy) -> None:
        """Show *policy*."""
        for kind in (ClockKind.NEXT_UPDATE, ClockKind.RESOLUTION):
            for state in PAUSABLE_STATES:
                getattr(self, f"{state}_{kind.value}").data = policy.pauses_in(kind, state)
        self.thresholds.data = ", ".join(map(str, policy.thresholds))
        self.asks_why.data = policy.asks_why
        self.start_responds.data = policy.start_responds


class TargetCell:
    """One target on the form, with its errors."""

    def __init__(self, rank: int, name: str, values: Mapping[str, str]) -> None:
        self.rank, self.name = rank, name
        self.id = f"t-{rank}-{name.replace('_', '-')}"
        self.field = f"t_{rank}_{name}"
        self.amount = clean_line(values.get(self.field, ""))[:TEXT_SHOWN]
        self.unit = _known_or(values.get(f"{self.field}_unit"), UNITS, "hour")
        self.always = values.get(f"{self.field}_always", "") == "y"
        self.outside = clean_line(values.get(f"{self.field}_outside", ""))[:TEXT_SHOWN]
        self.outside_unit = _known_or(values.get(f"{self.field}_outside_unit"), UNITS[:2], "hour")
        self.error = ""

    @property
    def label(self) -> str:
        return target_name(self.name)

    @property
    def may_differ(self) -> bool:
        """Whether it may have another time outside support hours."""
        return self.name in OUTSIDE

    def written(self) -> str:
        """The target as the policy stores it; '' for no promise. Raises Refused with the field."""
        if not self.amount:
            return ""
        outside = (
            (_parse_amount(self.outside, self.id), self.outside_unit) if self.outside and self.may_differ else None
        )
        found = Target(_parse_amount(self.amount, self.id), self.unit, self.always and self.unit != "week", outside)
        return found.written()

    @classmethod
    def from_target(cls, rank: int, name: str, target: Target | None) -> "TargetCell":
        """The cell of an existing target."""
        cell = cls(rank, name, {})
        if target is not None:
            cell.amount, cell.unit, cell.always = str(target.amount), target.unit, target.always
            if target.outside is not None:
                cell.outside, cell.outside_unit = str(target.outside[0]), target.outside[1]
        return cell


class TargetRow:
    """The targets of one severity."""

    def __init__(self, rank: int, cells: Sequence[TargetCell], night: str) -> None:
        self.rank, self.cells, self.night = rank, cells, night
        self.night_field = f"t_{rank}_night"

    @property
    def night_label(self) -> str:
        return night_alarm_label(self.night)


class TargetGrid:
    """The targets of all severities: read from a request or from a policy, and passed to the actions."""

    def __init__(self, rows: Sequence[TargetRow]) -> None:
        self.rows = rows

    @classmethod
    def from_request(cls, ranks: Sequence[int]) -> "TargetGrid":
        """The typed values."""
        values = request.form
        rows = []
        for rank in ranks:
            cells = [TargetCell(rank, name, values) for name in TARGETS]
            night = _known_or(values.get(f"t_{rank}_night"), NIGHT_ALARMS, NightAlarms.AUTO)
            rows.append(TargetRow(rank, cells, night))
        return cls(rows)

    @classmethod
    def from_policy(cls, policy: Policy | None, ranks: Sequence[int]) -> "TargetGrid":
        """The values of a policy."""
        rows = []
        for rank in ranks:
            promise = policy.promise(rank) if policy is not None else Promise()
            cells = [TargetCell.from_target(rank, name, getattr(promise, name)) for name in TARGETS]
            rows.append(TargetRow(rank, cells, promise.night_alarms.value))
        return cls(rows)

    def content(self) -> dict[str, dict[str, Any]]:
        """As `engine.policy.parse_policy` reads it. Raises Refused; the cell keeps its error."""
        found: dict[str, dict[str, Any]] = {}
        for row in self.rows:
            values: dict[str, Any] = {}
            for cell in row.cells:
                try:
                    written = cell.written()
                except Refused as refusal:
                    cell.error = refusal.message
                    raise
                if written:
                    values[cell.name] = written
            if values:
                found[str(row.rank)] = {**values, "night_alarms": row.night}
        return found

    def blame(self, refusal: Refused) -> bool:
        """Put the refusal of an action beside the target that it names (`severities.1.aim`); False if it names none."""
        parts = refusal.field.split(".")
        for row in self.rows:
            for cell in row.cells:
                if parts[1:] == [str(row.rank), cell.name]:
                    cell.error = refusal.message
                    return True
        return False


def _parse_amount(written: str, field: str) -> int:
    if not (written.isdecimal() and written.isascii() and len(written) < 6 and 1 <= int(written) <= AMOUNT_LIMIT):
        raise Refused(_("Write a whole number from 1 to %(most)d", most=AMOUNT_LIMIT), field)
    return int(written)


def _known_or(value: str | None, known: Sequence[str], fallback: str) -> str:
    return value if value is not None and value in known else fallback
