"""The reason for a broken promise, and the precondition that asks for it."""

from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.scopes import load
from portal.cases.models import Case
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record
from portal.sla.actions.disputes import TEXT_LIMIT
from portal.sla.models import BreachReason, CaseSlaState, SlaClock
from portal.sla.queries import breaches
from portal.sla.rule_versions import RuleVersions


def explain_breach(ctx: Context, case: Case, clock: SlaClock, *, reason: str, note: str = "") -> None:
    """Support says why a promise was broken; records `sla.breach_explained` (facts: clock, reason).

    Saying it again corrects it. Conflict for a promise that was kept; Refused for a reason that is none, or for
    'other' without words. The case is locked by the caller.
    """
    require(ctx.actor, Permission.CASE_STATUS, case)
    row = load(ctx, SlaClock, SlaClock.id == clock.id, SlaClock.case_id == case.id, lock=True)
    late = row.state != "stopped" and row.due_at is not None and row.due_at <= ctx.now
    if row.outcome != "missed" and not late:
        raise Conflict(_("This promise was kept."))
    if reason not in set(BreachReason):
        raise Refused(_("Choose why it came late"), "reason")
    if reason == BreachReason.OTHER and not note.strip():
        raise Refused(_("Write why it came late"), "note")
    first = not row.breach_reason
    row.breach_reason, row.breach_note = reason, note.strip()[:TEXT_LIMIT]
    row.breach_by_id, row.breach_said_at = ctx.actor.user_id, ctx.now
    fold_state = load(ctx, CaseSlaState, CaseSlaState.case_id == case.id, lock=True)
    if first and row.outcome == "missed":
        fold_state.unexplained = max(fold_state.unexplained - 1, 0)
    ctx.session.flush()
    record(ctx, "sla.breach_explained", case, case=case, clock=row.kind, reason=reason)


def require_breach_reason(ctx: Context, case: Case) -> None:
    """Guard of staff's verb close: raises Refused while a promise of *case* is broken and nobody said why, where its
    policy asks for that. Customers, timers and cases without a promise are not stopped."""
    if not ctx.actor.is_staff:
        return
    fold_state = ctx.session.get(CaseSlaState, case.id)
    if fold_state is None or fold_state.policy_version_id is None:
        return
    if not RuleVersions(ctx).policy(fold_state.policy_version_id).asks_why:
        return
    if breaches.unexplained_breaches(ctx, case_id=case.id).rows:
        raise Refused(_("A promise was broken on this case. Say why first, under Promised"), "reason")
