"""What rules do when people open cases and write. In the same transaction, so that a case is routed when its page comes
back; a rule that cannot do something never stops the opening or the reply."""

from portal.cases.models import Case
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.kernel.system_context import as_system
from portal.rules.actions.running import Occasion, run_rules
from portal.rules.engine.case_rules import Trigger
from portal.rules.queries.case_rules import rules_of

TRIGGERS = {
    "case.submitted": Trigger.OPENED,
    "case.replied": Trigger.CUSTOMER_REPLIED,
    "case.answered": Trigger.STAFF_REPLIED,
    "case.asked": Trigger.STAFF_REPLIED,
}


def run_on_event(ctx: Context, event: Event) -> None:
    """React to the opening of a case and to messages of people. What the system does, rules too, is no occasion. No
    statement for a provider without rules."""
    if ctx.actor.is_system or event.actor_user_id is None or event.case_id is None:
        return
    rules = rules_of(ctx, TRIGGERS[event.name])
    if not rules:
        return
    with as_system(ctx) as inner:
        case = inner.session.get(Case, event.case_id)
    if case is not None:
        run_rules(ctx, case, rules, Occasion(str(event.id), event.recorded_at))
