"""What the reader may do with a request, and the values of its page."""

from typing import Any

from portal.approvals.models import ApprovalRequest
from portal.approvals.queries.requests import median_answer_time
from portal.approvals.rules import ApprovalState
from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.cases.models import Case
from portal.kernel.context import Context


def request_values(context: Context, case: Case, row: ApprovalRequest) -> dict[str, Any]:
    """The values of the two pieces of a page of an approval for the reader of *row*, without the labels."""
    return {
        "asked": row,
        "may_answer": may_answer(context, row),
        "may_withdraw": may_withdraw(context, case, row),
        "may_ask_again": may_ask_again(context, case, row),
        "has_answered": any(one.user_id == context.actor.user_id and one.step == row.step for one in row.answers),
        "took": median_answer_time(context, case.organization_id) if row.state == ApprovalState.ASKED else None,
    }


def may_answer(ctx: Context, row: ApprovalRequest | None) -> bool:
    """Whether the actor is asked by *row* now, as of its last change. `actions.answers.answer` checks it again."""
    return (
        row is not None
        and row.state == ApprovalState.ASKED
        and row.internal is not ctx.actor.is_contact
        and ctx.actor.user_id in row.waiting_ids
    )


def may_withdraw(ctx: Context, case: Case, row: ApprovalRequest | None) -> bool:
    """Whether the actor may take the open request *row* back: support, and of the client who wants it."""
    if row is None or row.state != ApprovalState.ASKED:
        return False
    return _may_manage(ctx, case)


def may_ask_again(ctx: Context, case: Case, row: ApprovalRequest | None) -> bool:
    """Whether the actor may ask again about what was refused, withdrawn, or answered by nobody: support, and of the
    client who wants it."""
    if row is None or row.state in (ApprovalState.ASKED, ApprovalState.APPROVED) or not case.unresolved or row.question:
        return False
    return _may_manage(ctx, case)


def _may_manage(ctx: Context, case: Case) -> bool:
    if ctx.actor.is_staff:
        return can(ctx.actor, Permission.CASE_ANSWER, case)
    return ctx.actor.is_contact and ctx.actor.user_id in (case.reported_by_id, case.contact_user_id)
