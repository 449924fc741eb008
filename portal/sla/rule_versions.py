"""Policies and calendars by the ids of their versions. A version never changes, so a process keeps what it read."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from portal.kernel.context import Context
from portal.kernel.request_cache import RequestCache
from portal.sla.engine import calendar, policy
from portal.sla.engine.calendar import Calendar
from portal.sla.engine.policy import Policy
from portal.sla.models import CalendarVersion, EscalationRule, EscalationStep, PolicyVersion

Id = uuid.UUID
_CACHE_LIMIT = 2048
_policies: dict[Id, tuple[Id, Policy]] = {}
_calendars: dict[Id, tuple[Id, Calendar]] = {}


@dataclass(frozen=True, slots=True)
class RuleStep:
    """An escalation step with what its rule says about when it applies."""

    id: Id
    policy_id: Id | None
    kinds: frozenset[str]
    severities: frozenset[int]
    percent: int
    does: str
    whom: tuple[str, ...]
    target: str
    note: str
    rule: str


class RuleVersions:
    """Policies and calendars by version id (`engine.clocks.RuleSource`). *ctx* must be of the system or of staff."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    def policy(self, version_id: Id) -> Policy:
        """The policy of a version; KeyError if this provider has no such version."""
        if version_id not in _policies:
            self.fetch([version_id], [])
        return _policies[version_id][1]

    def calendar(self, version_id: Id) -> Calendar:
        """The calendar of a version; KeyError if this provider has no such version."""
        if version_id not in _calendars:
            self.fetch([], [version_id])
        return _calendars[version_id][1]

    def policy_of(self, version_id: Id) -> Id:
        """The id of the policy that a version belongs to."""
        self.policy(version_id)
        return _policies[version_id][0]

    def calendar_of(self, version_id: Id) -> Id:
        """The id of the calendar that a version belongs to."""
        self.calendar(version_id)
        return _calendars[version_id][0]

    @staticmethod
    def has_calendars(version_ids: Iterable[Id]) -> bool:
        """Whether this process knows all of these versions already."""
        return all(version in _calendars for version in version_ids)

    def fetch(self, policies: Iterable[Id | None], calendars: Iterable[Id | None]) -> None:
        """Read what is missing of these versions: one statement for each of both sorts at most."""
        wanted = {i for i in policies if i is not None and i not in _policies}
        if wanted:
            _make_room(_policies)
            rows = self.ctx.session.execute(
                select(PolicyVersion.id, PolicyVersion.policy_id, PolicyVersion.content).where(
                    PolicyVersion.provider_id == self.ctx.provider_id, PolicyVersion.id.in_(wanted)
                )
            )
            _policies.update({row[0]: (row[1], policy.parse_policy(row[2])) for row in rows})
        wanted = {i for i in calendars if i is not None and i not in _calendars}
        if wanted:
            _make_room(_calendars)
            rows = self.ctx.session.execute(
                select(CalendarVersion.id, CalendarVersion.calendar_id, CalendarVersion.content).where(
                    CalendarVersion.provider_id == self.ctx.provider_id, CalendarVersion.id.in_(wanted)
                )
            )
            _calendars.update({row[0]: (row[1], _parse_shared(row[2])) for row in rows})

    def steps(self) -> Sequence[RuleStep]:
        """The active escalation steps of the provider, by percent; read once a unit of work."""
        return _step_cache.load(self.ctx, self.ctx.provider_id, lambda: _steps(self.ctx))

    def steps_for(self, policy_version: Id | None, kind: str, severity: int) -> list[RuleStep]:
        """The steps that apply to a clock of *kind* under that policy version and severity, by percent."""
        if policy_version is None:
            return []
        own = self.policy_of(policy_version)
        return [
            step
            for step in self.steps()
            if step.policy_id in (None, own)
            and kind in step.kinds
            and (not step.severities or severity in step.severities)
        ]


# The active escalation steps by provider.
_step_cache: RequestCache[Id, Sequence[RuleStep]] = RequestCache()


def clear_steps(ctx: Context) -> None:
    """Read the escalation steps of this unit of work anew, after a change."""
    _step_cache.clear(ctx)


class DraftRuleVersions:
    """Rule versions in which a draft replaces one policy or calendar: for previews and backtests."""

    def __init__(
        self, rules: RuleVersions, *, policy: tuple[Id, Policy] | None, calendar: tuple[Id, Calendar] | None
    ) -> None:
        self.rules, self._policy, self._calendar = rules, policy, calendar

    def policy(self, version_id: Id) -> Policy:
        if self._policy is not None and self.rules.policy_of(version_id) == self._policy[0]:
            return self._policy[1]
        return self.rules.policy(version_id)

    def calendar(self, version_id: Id) -> Calendar:
        if self._calendar is not None and self.rules.calendar_of(version_id) == self._calendar[0]:
            return self._calendar[1]
        return self.rules.calendar(version_id)


_by_content: dict[str, Calendar] = {}


def _parse_shared(content: Any) -> Calendar:
    """One value, and so one prefix index, for all versions that say the same."""
    written = repr(content)
    if written not in _by_content:
        _make_room(_by_content)
        _by_content[written] = calendar.parse_calendar(content)
    return _by_content[written]


def _make_room(rules: dict[Any, Any]) -> None:
    if len(rules) > _CACHE_LIMIT:
        rules.clear()


def _steps(ctx: Context) -> list[RuleStep]:
    rows = ctx.session.execute(
        select(EscalationStep, EscalationRule)
        .join(EscalationRule, EscalationRule.id == EscalationStep.rule_id)
        .where(EscalationStep.provider_id == ctx.provider_id, EscalationStep.active, EscalationRule.active)
        .order_by(EscalationStep.percent, EscalationRule.id, EscalationStep.position, EscalationStep.id)
    )
    return [
        RuleStep(
            step.id,
            rule.policy_id,
            frozenset(rule.kinds),
            frozenset(int(rank) for rank in rule.severities),
            step.percent,
            step.does,
            tuple(map(str, step.whom)),
            step.target,
            step.note,
            rule.name,
        )
        for step, rule in rows
    ]
