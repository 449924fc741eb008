"""The reason for a broken promise, and the precondition that requires it."""

from collections.abc import Mapping

from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.scopes import load
from portal.cases.models import Case
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record
from portal.sla.actions.disputes import TEXT_LIMIT
from portal.sla.engine.results import PromiseResult, result_of
from portal.sla.models import BreachReason, CaseSlaState, SlaClock
from portal.sla.queries import breaches
from portal.sla.rule_versions import RuleVersions


def explain_breach(ctx: Context, case: Case, clock: SlaClock, *, reason: str, note: str = "") -> None:
    """Support says why a promise was broken; records `sla.breach_explained` (facts: clock, reason).

    A second call corrects the reason. Conflict for a promise that was kept; Refused for an unknown reason, or for
    'other' without text. The case is locked by the caller.
    """
    require(ctx.actor, Permission.CASE_STATUS, case)
    row = load(ctx, SlaClock, SlaClock.id == clock.id, SlaClock.case_id == case.id, lock=True)
    if result_of(row.outcome, row.due_at, ctx.now) is not PromiseResult.BROKEN:
        raise Conflict(_("This promise was kept."))
    if reason not in set(BreachReason):
        raise Refused(_("Choose why it was late"), "reason")
    if reason == BreachReason.OTHER and not note.strip():
        raise Refused(_("Write why it was late"), "note")
    first = not row.breach_reason
    row.breach_reason, row.breach_note = reason, note.strip()[:TEXT_LIMIT]
    row.breach_by_id, row.breach_said_at = ctx.actor.user_id, ctx.now
    fold_state = load(ctx, CaseSlaState, CaseSlaState.case_id == case.id, lock=True)
    if first and row.outcome == "missed":
        fold_state.unexplained = max(fold_state.unexplained - 1, 0)
    ctx.session.flush()
    record(ctx, "sla.breach_explained", case, case=case, clock=row.kind, reason=reason)


def require_breach_reason(ctx: Context, case: Case, answers: Mapping[str, str]) -> None:
    """Precondition of staff's verbs that end a case: every broken promise has a reason, if the policy requires it.

    The form may bring one reason for all that have none (`with_breach_reason`, `with_breach_note`): it is stored for
    each, as `explain_breach` does. Raises Refused while a reason is missing. Customers, timers and cases without a
    promise are not stopped.
    """
    if not ctx.actor.is_staff:
        return
    fold_state = ctx.session.get(CaseSlaState, case.id)
    if fold_state is None or fold_state.policy_version_id is None:
        return
    if not RuleVersions(ctx).policy(fold_state.policy_version_id).asks_why:
        return
    rows = breaches.unexplained_breaches(ctx, case_id=case.id).rows
    if not rows:
        return
    reason, note = answers.get("with_breach_reason", ""), answers.get("with_breach_note", "")
    if not reason:
        raise Refused(_("A promise was broken on this case. Choose why it was late"), "with_breach_reason")
    for row in rows:
        try:
            explain_breach(ctx, case, row, reason=reason, note=note)
        except Refused as refusal:
            raise Refused(refusal.message, f"with_breach_{refusal.field}") from None
