"""Which rules ask for a yes about a case. Pure.

Every condition of a rule must hold; a rule without one is for every case. A condition about a field of a request type
("business question over 5,000") reads `numbers` of the case.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from portal.kernel.actor import Id


@dataclass(frozen=True, slots=True)
class RuleSubject:
    """What of a case, or of one that is about to be opened, conditions read."""

    organization_id: Id
    account_id: Id
    request_type_id: Id
    environment_kind: str
    severity: int
    # Numbers in the fields of the request type, by the key of the field.
    numbers: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleCondition:
    """The conditions of one rule; None and '' mean any. *severity*: this rank and worse ones."""

    organization_id: Id | None = None
    account_id: Id | None = None
    request_type_id: Id | None = None
    environment_kind: str = ""
    severity: int | None = None
    field_key: str = ""
    over: Decimal | None = None

    def holds(self, facts: RuleSubject) -> bool:
        """Whether a case with *facts* needs the yes."""
        return (
            self.organization_id in (None, facts.organization_id)
            and self.account_id in (None, facts.account_id)
            and self.request_type_id in (None, facts.request_type_id)
            and self.environment_kind in ("", facts.environment_kind)
            and (self.severity is None or facts.severity <= self.severity)
            and self._is_over(facts)
        )

    def holds_if_over(self, facts: RuleSubject) -> bool:
        """Whether a case with *facts* needs the yes if its number is over the amount, which is not known yet."""
        return bool(self.field_key) and replace(self, field_key="", over=None).holds(facts)

    def _is_over(self, facts: RuleSubject) -> bool:
        if not self.field_key or self.over is None:
            return True
        number = facts.numbers.get(self.field_key)
        return number is not None and number > self.over
