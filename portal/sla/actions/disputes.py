"""Objections of customers to how time was counted, and the answers of support."""

import datetime as dt

from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.scopes import load
from portal.cases.models import Case, CaseLocation
from portal.kernel.context import Context
from portal.kernel.errors import Conflict, Refused
from portal.kernel.events import record
from portal.sla.models import Objection, SlaClock
from portal.sla.queries.disputes import objections

TEXT_LIMIT = 2000


def object_to(ctx: Context, case: Case, clock: SlaClock, *, segment: int, text: str) -> Objection:
    """Store a customer's objection to how one segment of a clock was counted; records `sla.objected` (clock, segment).
    Refused without a text or for a missing segment; Conflict if they objected to it already."""
    require(ctx.actor, Permission.CASE_REPLY, case)
    row = load(ctx, SlaClock, SlaClock.id == clock.id, SlaClock.case_id == case.id)
    if not text.strip():
        raise Refused(_("Write what was counted wrong"), "text")
    if not 0 <= segment < len(row.segments):
        raise Refused(_("Choose one of the lines"), "segment")
    start = row.segments[segment]["start"]
    for earlier in objections(ctx, case):
        if earlier.clock_id == row.id and earlier.segment_start.isoformat() == start and earlier.verdict == "":
            raise Conflict(_("There is already an objection to this line. Support will answer it."))
    assert ctx.actor.user_id is not None
    objection = Objection(
        **CaseLocation.of(case).columns(),
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
    """Store support's one answer to an objection: 'agreed' or 'kept', with a text that the customer reads. The clock
    itself is not rewritten: events are evidence. Records `sla.objection_answered` (verdict)."""
    require(ctx.actor, Permission.CASE_ANSWER, case)
    row = load(ctx, Objection, Objection.id == objection.id, Objection.case_id == case.id, lock=True)
    if row.verdict:
        raise Conflict(_("This objection was already answered."))
    if not answer.strip():
        raise Refused(_("Write an answer"), "answer")
    row.verdict, row.answer = "agreed" if agree else "kept", answer.strip()[:TEXT_LIMIT]
    row.answered_by_id, row.answered_at = ctx.actor.user_id, ctx.now
    ctx.session.flush()
    record(ctx, "sla.objection_answered", row, case=case, verdict=row.verdict)
