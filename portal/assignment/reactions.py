"""Assignment when cases are opened. In the same transaction, so that the page of the new case names its owner."""

from portal.assignment.actions.assigning import give_case
from portal.cases.models import Case
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.kernel.system_context import as_system


def give_opened_case(ctx: Context, event: Event) -> None:
    """React to `case.submitted`, after rules: an owner whom a rule set is kept, and the department is the one to which
    a rule routed the case."""
    with as_system(ctx) as inner:
        case = inner.session.get(Case, event.case_id)
    if case is not None:
        give_case(ctx, case)
