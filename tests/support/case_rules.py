"""Ways to make rules of the desk in tests, through the actions that people use."""

from typing import Any

from sqlalchemy import select

from portal.cases.models import CaseLocation
from portal.kernel.database import db
from portal.kernel.ids import new_id
from portal.rules import jobs
from portal.rules.actions.case_rules import CaseRuleFacts, add_rule
from portal.rules.engine.case_rules import Trigger
from portal.rules.models import CaseRule, CaseRuleFiring
from tests.support import acting
from tests.support.world import World


def make_case_rule(world: World, *, by: str = "ada", trigger: str = "opened", **how: Any) -> CaseRule:
    """A rule that adds a note to every case that is opened, unless *how* says otherwise."""
    facts = {"name": "Routing", **how}
    if not {"set_department_id", "set_tier", "set_owner_id", "set_severity", "follower_id", "note"} & how.keys():
        facts["note"] = "Seen by a rule."
    return add_rule(world.ctx(by, "staff"), CaseRuleFacts(trigger=Trigger(trigger), **facts))


def firings_of(world: World, case: Any) -> list[CaseRuleFiring]:
    """What rules did to *case*, in order, without the looks that found nothing to do."""
    rows = select(CaseRuleFiring).where(CaseRuleFiring.case_id == case.id, CaseRuleFiring.fits)
    found = world.session.scalars(rows.order_by(CaseRuleFiring.id).execution_options(populate_existing=True))
    return list(found)


def outcomes(world: World, case: Any) -> list[tuple[str, str, str]]:
    """(rule, effect, outcome) of everything that rules did to *case*, or did not."""
    return [(row.rule_name, one["effect"], one["outcome"]) for row in firings_of(world, case) for one in row.did]


def leave_firing(ctx: Any, rule: CaseRule, case: Any, words: str) -> CaseRuleFiring:
    """An entry of the log of *rule* about *case*, stored past the actions; it says *words*."""
    row = CaseRuleFiring(
        **CaseLocation.of(case).columns(),
        rule_id=rule.id,
        rule_name=rule.name,
        trigger=rule.trigger,
        occasion=str(new_id()),
        moment=ctx.now,
        fired_at=ctx.now,
        did=[{"effect": "owner", "outcome": "done", "before": "", "after": words, "why": ""}],
    )
    ctx.session.add(row)
    ctx.session.flush()
    return row


def run_time_rules(world: World) -> int:
    """Run the time rules that are due, as the worker would; returns how many ran."""
    with acting.pause_count():
        held = acting.store_held_rows(db.session)
    try:
        return acting.run_in_new_context(world.app, jobs.run_time_rules)
    finally:
        with acting.pause_count():
            acting.reload_held_rows(db.session, held, world.home)
