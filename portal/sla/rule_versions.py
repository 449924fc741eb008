"""Policies and calendars by the ids of their versions. A version never changes, so a process caches it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import select

from portal.kernel.actor import Id
from portal.kernel.cache import Cache
from portal.kernel.context import Context
from portal.kernel.request_cache import RequestCache
from portal.sla.engine import calendar, policy
from portal.sla.engine.calendar import Calendar
from portal.sla.engine.policy import Policy
from portal.sla.models import CalendarVersion, EscalationRule, EscalationStep, PolicyVersion

T = TypeVar("T")
PolicyOfVersion = tuple[Id, Policy]
CalendarOfVersion = tuple[Id, Calendar]
# By (provider, version), so versions of other providers are not found.
VersionKey = tuple[Id, Id]
_policies: Cache[VersionKey, PolicyOfVersion] = Cache(max_entries=2_000)
_calendars: Cache[VersionKey, CalendarOfVersion] = Cache(max_entries=1_000)


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
        # The values that this object fetched, because the caches of the process may evict them meanwhile.
        self._policies: dict[Id, PolicyOfVersion] = {}
        self._calendars: dict[Id, CalendarOfVersion] = {}

    def policy(self, version_id: Id) -> Policy:
        """The policy of a version; KeyError if this provider has no such version."""
        return self._policy_of_version(version_id)[1]

    def calendar(self, version_id: Id) -> Calendar:
        """The calendar of a version; KeyError if this provider has no such version."""
        return self._calendar_of_version(version_id)[1]

    def policy_of(self, version_id: Id) -> Id:
        """The id of the policy that a version belongs to."""
        return self._policy_of_version(version_id)[0]

    def calendar_of(self, version_id: Id) -> Id:
        """The id of the calendar that a version belongs to."""
        return self._calendar_of_version(version_id)[0]

    def _policy_of_version(self, version_id: Id) -> PolicyOfVersion:
        if version_id not in self._policies:
            self.fetch([version_id], [])
        return self._policies[version_id]

    def _calendar_of_version(self, version_id: Id) -> CalendarOfVersion:
        if version_id not in self._calendars:
            self.fetch([], [version_id])
        return self._calendars[version_id]

    def has_calendars(self, version_ids: Iterable[Id]) -> bool:
        """Whether this process has cached all of these versions."""
        return not self._missing(version_ids, self._calendars, _calendars)

    def fetch(self, policies: Iterable[Id | None], calendars: Iterable[Id | None]) -> None:
        """Read the missing ones of these versions: one statement for policies and one for calendars at most."""
        provider_id = self.ctx.provider_id
        wanted = self._missing(policies, self._policies, _policies)
        if wanted:
            rows = self.ctx.session.execute(
                select(PolicyVersion.id, PolicyVersion.policy_id, PolicyVersion.content).where(
                    PolicyVersion.provider_id == provider_id, PolicyVersion.id.in_(wanted)
                )
            )
            for row in rows:
                parsed = policy.parse_policy(row[2])
                self._policies[row[0]] = _policies.put((provider_id, row[0]), (row[1], parsed))
        wanted = self._missing(calendars, self._calendars, _calendars)
        if wanted:
            rows = self.ctx.session.execute(
                select(CalendarVersion.id, CalendarVersion.calendar_id, CalendarVersion.content).where(
                    CalendarVersion.provider_id == provider_id, CalendarVersion.id.in_(wanted)
                )
            )
            for row in rows:
                shared = _parse_shared(row[2])
                self._calendars[row[0]] = _calendars.put((provider_id, row[0]), (row[1], shared))

    def _missing(self, version_ids: Iterable[Id | None], own: dict[Id, T], cache: Cache[VersionKey, T]) -> set[Id]:
        """Those of *version_ids* that are neither in *own* nor in *cache*; cached ones are put into *own*."""
        missing = set()
        for version_id in version_ids:
            if version_id is None or version_id in own:
                continue
            found = cache.get((self.ctx.provider_id, version_id))
            if found is None:
                missing.add(version_id)
            else:
                own[version_id] = found
        return missing

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


# By the text of their content.
_by_content: Cache[str, Calendar] = Cache(max_entries=1_000)


def _parse_shared(content: Any) -> Calendar:
    """One value, and so one prefix index, for all versions with the same content."""
    return _by_content.load(repr(content), lambda: calendar.parse_calendar(content))


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
