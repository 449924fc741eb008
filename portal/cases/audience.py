"""The audience of one case: who sees it, and by which rule.

The rules are those of `policies.visible_cases`, in Python, for one case and many people. A property test compares both.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from portal.cases.policies import manages, reads_private, reads_shared
from portal.kernel.actor import Actor, Id
from portal.kernel.text import fold


@dataclass(frozen=True, slots=True)
class VisibilityFacts:
    """The facts of a case that decide who sees it. The case may not be opened yet."""

    organization_id: Id
    account_id: Id
    environment_id: Id | None
    visibility: str
    reported_by_id: Id
    contact_user_id: Id
    grants: frozenset[tuple[Id, str]] = frozenset()
    to_organizations: frozenset[Id] = frozenset()
    excluded: frozenset[Id] = frozenset()


def admitting_rules(actor: Actor, facts: VisibilityFacts) -> list[str]:
    """The rules by which *actor* sees a case with *facts*, the strongest first. Empty: the actor does not see it.

    Rules: reporter, contact, participant, reader, affected, shared, organization, administrator, manager, staff.
    """
    if actor.user_id in facts.excluded:
        return []
    if actor.is_staff:
        reached = actor.all_accounts or facts.account_id in actor.account_ids
        return ["staff"] if reached and actor.role != "platform_admin" else []
    if not actor.is_contact:
        return []
    found: list[str] = []
    if facts.organization_id in actor.memberships:
        found += ["reporter"] if facts.reported_by_id == actor.user_id else []
        found += ["contact"] if facts.contact_user_id == actor.user_id else []
    found += [kind for user_id, kind in sorted(facts.grants, key=str) if user_id == actor.user_id]
    inside = [row for row in actor.access if row.covers(facts.account_id, facts.environment_id)]
    if facts.visibility == "shared" and any(reads_shared(actor, row) for row in inside):
        found.append("shared")
    if any(row.organization_id in facts.to_organizations and reads_shared(actor, row) for row in actor.access):
        found.append("organization")
    if any(reads_private(actor, row) for row in inside):
        found.append("administrator")
    if manages(actor, facts):
        found.append("manager")
    return found


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person who sees the case, with the rules that admit them."""

    user_id: Id
    name: str
    rules: tuple[str, ...]
    # No active member of the case's organization.
    outside: bool = False

    @property
    def is_staff(self) -> bool:
        return "staff" in self.rules


def find_viewers(actors: Iterable[Actor], facts: VisibilityFacts) -> list[Viewer]:
    """Those of *actors* who see a case with *facts*, by name."""
    found = [
        Viewer(actor.user_id, actor.name, tuple(rules))
        for actor in actors
        if actor.user_id is not None and (rules := admitting_rules(actor, facts))
    ]
    return sort_viewers(found)


def unless_shared(viewers: Iterable[Viewer]) -> list[Viewer]:
    """Those of *viewers* of a shared case who would see it if it were private."""
    rest = [
        replace(viewer, rules=tuple(rule for rule in viewer.rules if rule != "shared"))
        if "shared" in viewer.rules
        else viewer
        for viewer in viewers
    ]
    return [viewer for viewer in rest if viewer.rules]


def sort_viewers(viewers: Iterable[Viewer]) -> list[Viewer]:
    """*viewers* in the order of lists: the client's side by name, then staff."""
    return sorted(viewers, key=lambda viewer: (viewer.is_staff, fold(viewer.name)))
