"""The rule that asks somebody for a second factor."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FactorRule:
    """Somebody needs a second factor to sign in: because of their role at the provider, or because *organization* (its
    name) asks its people for one. Until *until* they may put off setting one up."""

    until: dt.datetime
    organization: str = ""

    def may_wait(self, now: dt.datetime) -> bool:
        """Whether setting one up can be put off at *now*."""
        return now < self.until
