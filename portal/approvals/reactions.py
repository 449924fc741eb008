"""What follows for requests from what happens to cases and people. Reactions run in the same transaction."""

from collections.abc import Sequence

from portal.approvals.actions import asking
from portal.approvals.actions.timers import recheck
from portal.approvals.engine.facts import differences
from portal.approvals.models import ApprovalRequest
from portal.approvals.queries.requests import latest_request, open_requests_naming, requests_of
from portal.approvals.queries.rules import active_rules
from portal.approvals.rules import ApprovalEnd, ApprovalState
from portal.cases.models import Case
from portal.kernel.context import Context
from portal.kernel.events import Event
from portal.kernel.ids import parse_id
from portal.kernel.system_context import as_system


def ask_when_opened(ctx: Context, event: Event) -> None:
    """React to `case.submitted`: ask for the yes that a rule needs."""
    case = _case_of(ctx, event)
    if case is None or not active_rules(ctx):
        return
    found = asking.rules_for(ctx, case)
    if found:
        asking.ask_by_rules(ctx, case, found)


def follow_change(ctx: Context, event: Event) -> None:
    """React to changes of a case, and to its reopening: ask about what needs a yes now, ask again about what is another
    thing than was asked about, and take back what is not needed any more."""
    case = _case_of(ctx, event)
    if case is None or not case.unresolved or not (case.approval or active_rules(ctx)):
        return
    with as_system(ctx) as inner:
        found = asking.rules_for(inner, case)
        rows = [row for row in requests_of(inner, case) if not row.question]
        last = rows[0] if rows else None
        now = asking.facts_of(inner, case) if found or last else {}
    if last is not None and last.state == ApprovalState.ASKED:
        if found and not differences(last.facts, now):
            # Another contact may be the one who says yes, or who must not.
            recheck(ctx, case, last)
            return
        reason = ApprovalEnd.CHANGED if found else ApprovalEnd.NOT_NEEDED
        _end_open(ctx, case, last, reason)
    elif last is not None and not _asks_anew(last) and not differences(last.facts, now):
        return
    if found and not _waits_for_a_hand(ctx, case):
        asking.ask_by_rules(ctx, case, found, approved=asking.approved_facts(ctx, case))


def _asks_anew(row: ApprovalRequest) -> bool:
    """Whether an ended *row* left the case without an answer, because the case had ended or needed none."""
    return row.state == ApprovalState.WITHDRAWN and row.end_reason in (ApprovalEnd.ENDED, ApprovalEnd.NOT_NEEDED)


def _waits_for_a_hand(ctx: Context, case: Case) -> bool:
    """Whether staff asked by hand about something in this case, which is still open: one question at a time."""
    with as_system(ctx) as inner:
        last = latest_request(inner, case)
    return last is not None and last.state == ApprovalState.ASKED


def end_with_case(ctx: Context, event: Event) -> None:
    """React to the end of a case: nobody needs to say yes to it any more."""
    case = _case_of(ctx, event)
    row = _open_request_of(ctx, case) if case is not None else None
    if case is not None and row is not None:
        _end_open(ctx, case, row, ApprovalEnd.ENDED)


def recheck_people(ctx: Context, event: Event) -> None:
    """React to a change of who sees the case: whom an open request waits for may be others now."""
    case = _case_of(ctx, event)
    row = _open_request_of(ctx, case) if case is not None else None
    if case is not None and row is not None and not event.facts.get("asked"):
        recheck(ctx, case, row)


def recheck_after_leaver(ctx: Context, event: Event) -> None:
    """React to the end, or a change, of somebody's place at a client: cases that wait for them may wait for nobody."""
    recheck_after_leavers(ctx, [event])


def recheck_after_leavers(ctx: Context, events: Sequence[Event]) -> None:
    """React to many `contact.ended` or `contact.changed` as `recheck_after_leaver` does to one."""
    places = {(parse_id(event.facts.get("user")), event.organization_id) for event in events}
    known = {(user_id, place) for user_id, place in places if user_id is not None and place is not None}
    if not known:
        return
    with as_system(ctx) as inner:
        for case_id in open_requests_naming(inner, known):
            case = inner.session.get_one(Case, case_id)
            row = latest_request(inner, case, lock=True)
            if row is not None and row.state == ApprovalState.ASKED:
                recheck(inner, case, row)


def _end_open(ctx: Context, case: Case, row: ApprovalRequest, reason: ApprovalEnd) -> None:
    asking.end(ctx, case, row, ApprovalState.WITHDRAWN, end_reason=reason.value)
    asking.record_of(ctx, "withdrawn", row, case, end_reason=reason.value)


def _open_request_of(ctx: Context, case: Case) -> ApprovalRequest | None:
    with as_system(ctx) as inner:
        row = latest_request(inner, case, lock=True)
    return row if row is not None and row.state == ApprovalState.ASKED else None


def _case_of(ctx: Context, event: Event) -> Case | None:
    """The case of *event*; no statement, because whoever recorded it has loaded the case."""
    if event.case_id is None:
        return None
    with as_system(ctx) as inner:
        return inner.session.get(Case, event.case_id)
