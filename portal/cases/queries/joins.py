"""Who is affected by a case beside its contact, and who of them accepted its solution."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases.models import Case, CaseGrant
from portal.cases.queries.rows import CaseRow
from portal.cases.rules import counts_for
from portal.kernel.context import Context


@dataclass(frozen=True, slots=True)
class SolutionAnswers:
    """Who accepted the solution of this moment: the contact's side, and of the other affected people each for
    themself."""

    contact: bool
    accepted: frozenset[uuid.UUID]
    waiting: frozenset[uuid.UUID]

    @property
    def all_accepted(self) -> bool:
        return self.contact and not self.waiting


def affected_people(case: Case) -> Sequence[CaseGrant]:
    """The grants of further affected people."""
    return [grant for grant in case.grants if grant.kind == "affected" and grant.user_id is not None]


def answers_of(_ctx: Context, case: Case) -> SolutionAnswers:
    """The answers to the solution of *case* so far."""
    asked = {grant.user_id: grant for grant in affected_people(case) if grant.user_id is not None}
    accepted = {user for user, grant in asked.items() if counts_for(grant.accepted_at, case.resolved_at)}
    return SolutionAnswers(
        counts_for(case.accepted_at, case.resolved_at), frozenset(accepted), frozenset(asked) - accepted
    )


def joinable_keys(ctx: Context, rows: Sequence[CaseRow]) -> set[str]:
    """The keys of those open cases among *rows* that the actor, who sees them, may join, or has joined."""
    return {
        row.key
        for row in rows
        if row.organization_id in ctx.actor.memberships
        and ctx.actor.user_id not in (row.contact_user.id, row.reported_by.id)
    }


def has_accepted(ctx: Context, case: Case) -> bool:
    """Whether the actor accepted the solution that others have not answered yet."""
    answers = answers_of(ctx, case)
    if ctx.actor.user_id in answers.waiting:
        return False
    return ctx.actor.user_id in answers.accepted or (answers.contact and can(ctx.actor, Permission.CASE_CLOSE, case))
