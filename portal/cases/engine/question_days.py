"""When a question that nobody answers is asked about again, and when support is told to end the case."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QuestionDays:
    """Days after a question: the two reminders to the customer, and the proposal to support to resolve the case. 0
    leaves one out."""

    first: int = 3
    second: int = 7
    proposal: int = 14

    def reminders(self, asked_at: dt.datetime) -> Sequence[tuple[int, dt.datetime]]:
        """(days, moment) of each reminder of a question that was asked at *asked_at*, the earliest first."""
        return [(days, asked_at + dt.timedelta(days=days)) for days in sorted({self.first, self.second} - {0})]

    def next_reminder(self, asked_at: dt.datetime, now: dt.datetime) -> dt.datetime | None:
        """The first moment after *now* at which the customer is reminded; None where no further one comes."""
        return next((moment for _days, moment in self.reminders(asked_at) if moment > now), None)

    def passed_reminder(self, asked_at: dt.datetime, now: dt.datetime) -> int | None:
        """The days of the last reminder whose moment has come; None where none has. After a long stop of the worker
        one mail stands for all."""
        return next((days for days, moment in reversed(self.reminders(asked_at)) if moment <= now), None)

    def proposed_at(self, asked_at: dt.datetime) -> dt.datetime | None:
        """The moment from which support is told to resolve the case; None where that is left out."""
        return asked_at + dt.timedelta(days=self.proposal) if self.proposal else None
