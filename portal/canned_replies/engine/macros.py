"""What a canned reply does beside its text, and whether it can be done on a case as it is now. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

STATUSES = ("waiting", "in_progress", "on_hold", "resolved")
# The verb that leads to each status.
VERB_TO = {"waiting": "ask", "in_progress": "start", "on_hold": "hold", "resolved": "resolve"}


@dataclass(frozen=True, slots=True)
class Macro:
    """What sending the reply sets: the next status with what it asks for, the severity with a reason, the owner.

    *reason* and *days* belong to `on_hold` (why, and how many days until the case comes back), *check* to `resolved`.
    """

    status: str = ""
    reason: str = ""
    days: int | None = None
    check: str = ""
    severity: int | None = None
    severity_reason: str = ""
    takes: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.status and self.severity is None and not self.takes


@dataclass(frozen=True, slots=True)
class MacroCase:
    """What decides whether a macro can be done: the case as it is, and the verbs that its reader may use on it."""

    state: str
    severity: int
    is_owned: bool
    is_own: bool
    verbs: Collection[str]


@dataclass(frozen=True, slots=True)
class MacroPlan:
    """What follows from sending: *status* and *severity* to set, whether the writer takes the case (*takes*), and from
    somebody else (*takes_over*). *blocked* names what the case does not allow now."""

    status: str = ""
    severity: int | None = None
    takes: bool = False
    takes_over: bool = False
    blocked: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.status and self.severity is None and not self.takes


def plan_macro(macro: Macro, case: MacroCase) -> MacroPlan:
    """What *macro* does on *case*. What the case has already is left out."""
    blocked = []
    status = macro.status if macro.status != case.state else ""
    if status and VERB_TO[status] not in case.verbs:
        blocked.append("status")
        status = ""
    severity = macro.severity if macro.severity != case.severity else None
    if severity is not None and "redefine severity" not in case.verbs:
        blocked.append("severity")
        severity = None
    takes = macro.takes and not case.is_own
    if takes and "take" not in case.verbs:
        blocked.append("owner")
        takes = False
    return MacroPlan(status, severity, takes, takes and case.is_owned, tuple(blocked))
