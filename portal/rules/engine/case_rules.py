"""Rules as values: triggers, conditions and effects, and which rules do what to a case. Pure.

Every rule that fits runs, in the order of the list. All of them read the case as it was when the occasion came, so
what one rule does never makes another one fit. Where two rules set the same thing, the first in the order decides, and
the plan names it for the other one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from portal.kernel.actor import Id


class Trigger(StrEnum):
    """When a rule looks at a case: something a person did, or time that has passed since a person did it."""

    OPENED = "opened"
    CUSTOMER_REPLIED = "customer_replied"
    STAFF_REPLIED = "staff_replied"
    SINCE_OPENED = "since_opened"
    SINCE_CUSTOMER = "since_customer"
    SINCE_STAFF = "since_staff"
    IN_STATUS = "in_status"


# The triggers that wait for a number of hours.
TIMED = frozenset({Trigger.SINCE_OPENED, Trigger.SINCE_CUSTOMER, Trigger.SINCE_STAFF, Trigger.IN_STATUS})


class Effect(StrEnum):
    """What a rule does, in the order in which it does it."""

    DEPARTMENT = "department"
    TIER = "tier"
    OWNER = "owner"
    SEVERITY = "severity"
    FOLLOWER = "follower"
    NOTE = "note"


# Effects that set one value of the case: of several rules the first decides.
SETTING = (Effect.DEPARTMENT, Effect.TIER, Effect.OWNER, Effect.SEVERITY)
Value = Id | int | str


class EffectOutcome(StrEnum):
    """What is to become of an effect: it is done, changes nothing, or an earlier rule has decided."""

    DO = "do"
    SAME = "same"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class RuledCase:
    """What conditions read of a case. *domain* is that of the contact's address; *text* the first message."""

    organization_id: Id
    account_id: Id
    request_type_id: Id
    environment_id: Id | None = None
    environment_kind: str = ""
    department_id: Id | None = None
    owner_id: Id | None = None
    severity: int = 4
    tier: int = 1
    channel: str = ""
    status: str = "new"
    subject: str = ""
    text: str = ""
    domain: str = ""

    def value(self, effect: Effect) -> Value | None:
        """The present value of what *effect* sets."""
        return {
            Effect.DEPARTMENT: self.department_id,
            Effect.TIER: self.tier,
            Effect.OWNER: self.owner_id,
            Effect.SEVERITY: self.severity,
        }.get(effect)


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of a rule, all of which must hold; None, '' and () mean any. *severity*: this rank and worse
    ones. Of *subject_words* and of *text_words* one must occur."""

    organization_id: Id | None = None
    account_id: Id | None = None
    request_type_id: Id | None = None
    environment_id: Id | None = None
    environment_kind: str = ""
    department_id: Id | None = None
    severity: int | None = None
    tier: int | None = None
    channel: str = ""
    status: str = ""
    subject_words: tuple[str, ...] = ()
    text_words: tuple[str, ...] = ()
    domain: str = ""
    unowned: bool = False

    def hold(self, facts: RuledCase) -> bool:
        """Whether all of them hold for a case with *facts*."""
        return (
            self.organization_id in (None, facts.organization_id)
            and self.account_id in (None, facts.account_id)
            and self.request_type_id in (None, facts.request_type_id)
            and self.environment_id in (None, facts.environment_id)
            and self.environment_kind in ("", facts.environment_kind)
            and self.department_id in (None, facts.department_id)
            and (self.severity is None or facts.severity <= self.severity)
            and self.tier in (None, facts.tier)
            and self.channel in ("", facts.channel)
            and self.status in ("", facts.status)
            and (not self.unowned or facts.owner_id is None)
            and is_of_domain(facts.domain, self.domain)
            and has_phrase(facts.subject, self.subject_words)
            and has_phrase(facts.text, self.text_words)
        )


@dataclass(frozen=True, slots=True)
class CaseRuleInUse:
    """A rule in use. *hours*: how long a time rule waits."""

    id: Id
    name: str
    trigger: Trigger
    hours: int = 0
    conditions: Conditions = field(default_factory=Conditions)
    effects: Mapping[Effect, Value] = field(default_factory=dict)
    # Why the severity is another one, for the customer.
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PlannedEffect:
    """One effect of a rule on a case: from the present value to that of the rule. *by*: the rule that decided."""

    effect: Effect
    before: Value | None
    after: Value
    outcome: EffectOutcome
    by: str = ""


@dataclass(frozen=True, slots=True)
class PlannedRule:
    """A rule that fits a case, with its effects in their order."""

    rule: CaseRuleInUse
    effects: Sequence[PlannedEffect]

    @property
    def changes(self) -> bool:
        """Whether anything would be different."""
        return any(one.outcome is EffectOutcome.DO for one in self.effects)


def plan(rules: Iterable[CaseRuleInUse], facts: RuledCase) -> list[PlannedRule]:
    """What *rules*, in their order, do to a case with *facts*: those whose conditions hold, with their effects."""
    decided: dict[Effect, str] = {}
    found = []
    for rule in rules:
        if not rule.conditions.hold(facts):
            continue
        found.append(
            PlannedRule(rule, [_plan_effect(one, rule, facts, decided) for one in Effect if one in rule.effects])
        )
        for effect in SETTING:
            if effect in rule.effects:
                decided.setdefault(effect, rule.name)
    return found


def _plan_effect(effect: Effect, rule: CaseRuleInUse, facts: RuledCase, decided: Mapping[Effect, str]) -> PlannedEffect:
    before, after = facts.value(effect), rule.effects[effect]
    if effect in decided:
        return PlannedEffect(effect, before, after, EffectOutcome.DECIDED, decided[effect])
    if effect in SETTING and before == after:
        return PlannedEffect(effect, before, after, EffectOutcome.SAME)
    return PlannedEffect(effect, before, after, EffectOutcome.DO)


def is_of_domain(domain: str, wanted: str) -> bool:
    """Whether *domain* is the domain *wanted* or one below it; any is for ''."""
    return not wanted or domain == wanted or domain.endswith(f".{wanted}")


def has_phrase(text: str, phrases: Sequence[str]) -> bool:
    """Whether one of *phrases* stands in *text* as whole words, whatever its capitals; True without phrases."""
    if not phrases:
        return True
    folded = text.casefold()
    return any(_stands_in(folded, phrase.casefold()) for phrase in phrases)


def _stands_in(text: str, phrase: str) -> bool:
    start = text.find(phrase)
    while start >= 0 and phrase:
        end = start + len(phrase)
        if not _joins(text[start - 1 : start], phrase[:1]) and not _joins(phrase[-1:], text[end : end + 1]):
            return True
        start = text.find(phrase, start + 1)
    return False


def _joins(left: str, right: str) -> bool:
    """Whether two characters belong to one word. Scripts without spaces (CJK) have no such borders."""
    return left.isalnum() and right.isalnum() and max(left, right) < "\u2e80"
