"""The form of an escalation rule: for which clocks, and which steps at which share of their time."""

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from portal.kernel import ids
from portal.kernel.errors import Refused
from portal.kernel.text import clean_line
from portal.sla.actions.escalation import RECIPIENT_GROUPS, StepDesign
from portal.sla.labels.names import recipient_label
from portal.sla.models.escalation import EFFECTS
from portal.web.edit_conflict import VersionedForm
from portal.web.forms import MultipleChoiceField, choice_field, flag_field, line_field

BLANK_STEPS = 2
STEP_LIMIT = 30
# A share that is no number is shown again as it was typed, so far.
TEXT_SHOWN = 200


class RuleForm(VersionedForm):
    """A rule; its steps are in `StepRows`."""

    # The steps, which are no fields of the form.
    steps: "StepRows | None" = None

    name = line_field(_l("Name"), need=_l("Write a name"), limit=120)
    policy = choice_field(_l("Policy"), wrong=_l("Choose one of the policies"))
    kinds = MultipleChoiceField(_l("Promises"))
    severities = MultipleChoiceField(_l("Severities"))
    active = flag_field(_l("The rule is active"), default=True)
    do = HiddenField()

    def reject(self, refusal: Refused) -> None:
        """Show the refusal of an action: above the steps if it names a part of one, else as every form does."""
        if self.steps is not None and refusal.field in ("steps", "percent", "does", "whom", "target", "note"):
            self.steps.error = refusal.message
            self.form_errors.append(refusal.message)
        else:
            super().reject(refusal)


class StepRow:
    """One step on the form."""

    def __init__(self, n: int, **values: Any) -> None:
        self.n = n
        self.id = str(values.get("id") or "")
        self.percent = str(values.get("percent") or "")
        self.does = values.get("does") if values.get("does") in EFFECTS else ""
        self.whom = [str(one) for one in values.get("whom") or ()]
        self.target = str(values.get("target") or "")
        self.note = str(values.get("note") or "")

    @property
    def empty(self) -> bool:
        return not (self.percent or self.does)

    def design(self) -> StepDesign:
        """The design for the actions. Raises Refused for a share that is no number."""
        written = self.percent.rstrip("% ")
        if not (written.isdecimal() and written.isascii() and len(written) < 4):
            raise Refused(_("Write a percentage of the time, such as 75"), "steps")
        if not self.does:
            raise Refused(_("Choose what happens at %(n)s %%", n=written), "steps")
        target = self.target if self.does in ("raise_tier", "reassign") else ""
        whom = self.whom if self.does == "notify" else ()
        return StepDesign(int(written), self.does, whom, target, self.note, ids.parse_id(self.id))


class StepRows:
    """The steps of a rule on the form; a row that is left empty is dropped."""

    def __init__(self, rows: Sequence[StepRow]) -> None:
        self.rows = list(rows)
        self.error = ""

    @classmethod
    def from_request(cls) -> "StepRows":
        """The typed values."""
        found = []
        for n in range(min(len(request.form.getlist("percent")), STEP_LIMIT)):
            found.append(
                StepRow(
                    n,
                    id=_nth_value("step", n),
                    percent=clean_line(_nth_value("percent", n))[:TEXT_SHOWN],
                    does=_nth_value("does", n),
                    whom=[clean_line(one)[:40] for one in request.form.getlist(f"whom_{n}")[:20]],
                    target=clean_line(_nth_value("target", n))[:40],
                    note=clean_line(_nth_value("note", n))[:500],
                )
            )
        return cls([row for row in found if not row.empty])

    @classmethod
    def from_steps(cls, steps: Sequence[Any]) -> "StepRows":
        """The values of a rule."""
        return cls(
            [
                StepRow(n, id=s.id, percent=s.percent, does=s.does, whom=s.whom, target=s.target, note=s.note)
                for n, s in enumerate(steps)
            ]
        )

    def shown(self) -> list[StepRow]:
        """The rows with empty ones after them, numbered."""
        rows = [*self.rows, *(StepRow(0) for _n in range(BLANK_STEPS))]
        for n, row in enumerate(rows):
            row.n = n
        return rows

    def designs(self) -> list[StepDesign]:
        """The designs for the actions. Raises Refused (field `steps`)."""
        return [row.design() for row in self.rows]


def _nth_value(name: str, n: int) -> str:
    values = request.form.getlist(name)
    return values[n] if n < len(values) else ""


def recipient_choices(staff: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Groups, then single people."""
    return [*((group, recipient_label(group)) for group in RECIPIENT_GROUPS), *staff]
