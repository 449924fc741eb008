"""Ways to make rules of approvals in tests, through the actions that people use."""

from typing import Any

from portal.approvals.actions.rules import RuleFacts, StepFacts, add_rule
from portal.approvals.models import ApprovalAnswer, ApprovalRequest, ApprovalRule
from portal.approvals.queries.requests import latest_request
from portal.cases.models import Case, CaseLocation
from tests.support.world import World


def step(*people: str, mode: str = "one", needed: int = 1, roles: tuple[str, ...] = ()) -> StepFacts:
    """A step with *people*: an address, or an address with that of a deputy after a slash."""
    return StepFacts(mode, needed, roles, "\n".join(people))


def make_rule(world: World, *steps: StepFacts, by: str = "ada", **how: Any) -> ApprovalRule:
    """A rule for every case, of the administrators of the client unless *steps* say otherwise."""
    facts = {
        "name": "Changes",
        "active": True,
        "position": 1,
        "client": "",
        "request_type_id": None,
        "environment_kind": "",
        "severity": None,
        "steps": list(steps) or [step(roles=("organization_admin",))],
        "due_hours": None,
        "remind_hours": 24,
        "pauses": True,
        **how,
    }
    return add_rule(world.ctx(by, "staff"), RuleFacts(**facts))


def request_of(world: World, case: Case) -> ApprovalRequest:
    """The last request of *case*, as the system sees it."""
    found = latest_request(world.system(), case)
    assert found is not None
    return found


def leave_request(ctx: Any, case: Case, question: str, *, user_id: Any, internal: bool = False) -> ApprovalRequest:
    """A request with an answer in *case*, stored past the actions: nobody is let into the case. *user_id* answered."""
    row = ApprovalRequest(
        **CaseLocation.of(case).columns(),
        number=1,
        internal=internal,
        state="asked",
        question=question,
        rules=[],
        steps=[{"mode": "one", "needed": 1, "seats": []}],
        step=0,
        waiting_ids=[],
        stuck=True,
        facts={"subject": case.subject},
        approved_facts=None,
        pauses=False,
        remind_hours=0,
        asked_at=ctx.now,
        asked_by_id=user_id,
        told_at=ctx.now,
        ended_by_id=user_id,
    )
    ctx.session.add(row)
    ctx.session.flush()
    answer = ApprovalAnswer(
        **CaseLocation.of(case).columns(),
        request_id=row.id,
        internal=internal,
        step=0,
        user_id=user_id,
        seat_id=user_id,
        name="",
        approves=False,
        channel="portal",
        answered_at=ctx.now,
    )
    ctx.session.add(answer)
    ctx.session.flush()
    return row
