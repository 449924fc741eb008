"""What people put on record about promises: why one was broken, that time was counted wrongly, what support says."""

import datetime as dt

from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.scopes import load
from portal.cases.models import Case
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record
from portal.sla.models import BreachReason, CaseStanding, Objection, SlaClock
from portal.sla.queries import reports
from portal.sla.queries.receipts import objections
from portal.sla.rule_versions import Books

TEXT_LIMIT = 2000


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
    standing = load(ctx, CaseStanding, CaseStanding.case_id == case.id, lock=True)
    if first and row.outcome == "missed":
        standing.unexplained = max(standing.unexplained - 1, 0)
    ctx.session.flush()
    record(ctx, "sla.breach_explained", case, case=case, clock=row.kind, reason=reason)


def must_explain(ctx: Context, case: Case) -> None:
    """Guard of staff's verb close: raises Refused while a promise of *case* is broken and nobody said why, where its
    policy asks for that. Customers, timers and cases without a promise are not stopped."""
    if not ctx.actor.is_staff:
        return
    standing = ctx.session.get(CaseStanding, case.id)
    if standing is None or standing.policy_version_id is None:
        return
    if not Books(ctx).policy(standing.policy_version_id).asks_why:
        return
    if reports.unexplained_breaches(ctx, case_id=case.id).rows:
        raise Refused(_("A promise was broken on this case. Say why first, under Promised"), "reason")


def object_to(ctx: Context, case: Case, clock: SlaClock, *, segment: int, text: str) -> Objection:
    """The customer does not agree with how one segment of a clock was counted; records `sla.objected` (clock,
    segment). Refused without words or for a segment that is not there; Conflict if they objected to it already."""
    require(ctx.actor, Permission.CASE_REPLY, case)
    row = load(ctx, SlaClock, SlaClock.id == clock.id, SlaClock.case_id == case.id)
    if not text.strip():
        raise Refused(_("Write what was counted wrongly"), "text")
    if not 0 <= segment < len(row.segments):
        raise Refused(_("Choose one of the lines"), "segment")
    start = row.segments[segment]["start"]
    for earlier in objections(ctx, case):
        if earlier.clock_id == row.id and earlier.segment_start.isoformat() == start and earlier.verdict == "":
            raise Conflict(_("There is an objection to this line already. Support will answer it."))
    assert ctx.actor.user_id is not None
    objection = Objection(
        provider_id=case.provider_id,
        organization_id=case.organization_id,
        account_id=case.account_id,
        case_id=case.id,
        clock_id=row.id,
        segment=segment,
        segment_start=dt.datetime.fromisoformat(start),
        text=text.strip()[:TEXT_LIMIT],
        by_id=ctx.actor.user_id,
        made_at=ctx.now,
    )
    ctx.session.add(objection)
    ctx.session.flush()
    record(ctx, "sla.objected", objection, case=case, clock=row.kind, segment=segment)
    return objection


def answer_objection(ctx: Context, case: Case, objection: Objection, *, agree: bool, answer: str) -> None:
    """Support answers an objection once: 'agreed' or 'kept', with words that the customer reads. The clock itself is
    not rewritten: events are evidence. Records `sla.objection_answered` (verdict)."""
    require(ctx.actor, Permission.CASE_ANSWER, case)
    row = load(ctx, Objection, Objection.id == objection.id, Objection.case_id == case.id, lock=True)
    if row.verdict:
        raise Conflict(_("This objection was answered already."))
    if not answer.strip():
        raise Refused(_("Write an answer"), "answer")
    row.verdict, row.answer = "agreed" if agree else "kept", answer.strip()[:TEXT_LIMIT]
    row.answered_by_id, row.answered_at = ctx.actor.user_id, ctx.now
    ctx.session.flush()
    record(ctx, "sla.objection_answered", row, case=case, verdict=row.verdict)
