"""The rules of the demo, which then run on the cases that are played after them."""

from collections.abc import Sequence

from portal.demo.build import BuiltProvider
from portal.demo.specs import CaseRuleSpec
from portal.kernel.context import Context
from portal.kernel.database import Tenancy, bind
from portal.rules.actions.case_rules import CaseRuleFacts, add_rule
from portal.rules.engine.case_rules import Trigger


def add_case_rules(ctx: Context, built: BuiltProvider, specs: Sequence[CaseRuleSpec]) -> None:
    """Add the rules of *specs*, in their order; *ctx* is the system's."""
    bind(ctx.session, Tenancy.of(ctx.actor))
    for position, spec in enumerate(specs, 1):
        facts = CaseRuleFacts(
            name=spec.name,
            trigger=Trigger(spec.trigger),
            position=position,
            hours=spec.hours,
            status=spec.status,
            subject_words=spec.subject_words,
            set_department_id=built.departments[spec.department].id if spec.department else None,
            follower_id=built.staff[spec.follower].id if spec.follower else None,
            note=spec.note,
        )
        add_rule(ctx, facts)
