"""A step that is refused until somebody writes why it is right."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.kernel.context import Context
from portal.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class SendAnyway:
    """Why a step is right although something speaks against it. *asked*: the marks of what its writer was asked
    about. *confirmed_by*: who says so, where the step is done in the name of somebody else."""

    reason: str = ""
    asked: frozenset[str] = frozenset()
    confirmed_by: Context | None = None


class ReasonNeeded(Refused):
    """The step waits for a reason (field `anyway`); nothing was done. *marks* name what speaks against it."""

    def __init__(self, message: str, marks: Sequence[str]) -> None:
        super().__init__(message, "anyway")
        self.marks = tuple(marks)
