"""What happens to a case that is over when its customer comes back: reopen, a linked new case, or a refusal."""

import datetime as dt
import uuid
from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select

from portal.attachments import actions as attachments
from portal.cases.actions.change import begin, enter, said_before, say
from portal.cases.actions.submit import allot_number, opened_before
from portal.cases.models import Case, CaseLink, RequestType
from portal.cases.states import State
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record


def becomes(ctx: Context, case: Case) -> str:
    """'reopen' or 'new_case', as the provider's rule for closed cases and its number of days say.

    Raises Refused where nothing may follow. Staff reopen always.
    """
    if case.state != State.CLOSED or not ctx.actor.is_contact:
        return "reopen"
    policy, days = ctx.provider.after_close, ctx.provider.reopen_days
    if policy == "refuse":
        raise Refused(_("This case is closed for good. Open a new one and name its number."), "body")
    late = days is not None and case.closed_at is not None and ctx.now > case.closed_at + dt.timedelta(days=days)
    return "new_case" if policy == "new_case" or late else "reopen"


def reopen(ctx: Context, case: Case, *, reason: str, staged: Sequence[uuid.UUID] = (), once: str | None = None) -> Case:
    """Begin again, with what changed as the first word; records `case.reopened`; returns the case that goes on.

    That is a linked new one where the provider's rule says so.
    """
    begin(ctx, case, "reopen")
    if said_before(ctx, case, once) is not None:
        return case
    if becomes(ctx, case) == "new_case":
        return follow_up(ctx, case, body=reason, staged=staged, once=once)
    if case.merged_into_id or case.moved_to_id:
        raise Refused(_("This case goes on under another number. Write there."), "reason")
    message = say(ctx, case, "reply", reason, files=attachments.claim(ctx, staged), once=once)
    enter(ctx, case, State.OPEN)
    case.reopened_count += 1
    record(ctx, "case.reopened", case, case=case, message=str(message.id), reason=reason[:2000])
    return case


def follow_up(ctx: Context, case: Case, *, body: str, staged: Sequence[uuid.UUID], once: str | None) -> Case:
    """A new case for the same people and place, linked to the closed *case*; records `case.submitted` (follow_up)."""
    earlier = opened_before(ctx, once)
    if earlier is not None:
        return earlier
    request_type = ctx.session.get(RequestType, case.request_type_id)
    new = continued(ctx, case, description=body, once=once)
    new.department_id = request_type.department_id if request_type else case.department_id
    ctx.session.add(new)
    ctx.session.flush()
    attachments.attach(ctx, attachments.claim(ctx, staged), new, message_id=None, internal=False)
    link(ctx, case, new, "follow_up")
    record(
        ctx,
        "case.submitted",
        new,
        case=new,
        on_behalf=new.on_behalf,
        notify=True,
        severity=new.severity,
        follow_up=str(case.id),
    )
    allot_number(ctx, new)
    return new


def continued(ctx: Context, case: Case, *, description: str, once: str | None = None) -> Case:
    """A new row with the people, place and severity of *case*, not yet stored nor numbered."""
    return Case(
        provider_id=case.provider_id,
        organization_id=case.organization_id,
        account_id=case.account_id,
        environment_id=case.environment_id,
        request_type_id=case.request_type_id,
        department_id=case.department_id,
        reported_by_id=ctx.actor.user_id or case.reported_by_id,
        reported_side=str(ctx.actor.side),
        contact_id=case.contact_id,
        contact_user_id=case.contact_user_id,
        visibility=case.visibility,
        severity_asked=case.severity_asked,
        severity=case.severity,
        severity_reason=case.severity_reason,
        severity_answer=case.severity_answer,
        subject=case.subject,
        description=description,
        phone=case.phone,
        email=case.email,
        channel=ctx.channel,
        notify_contact=case.notify_contact,
        opened_at=ctx.now,
        updated_at=ctx.now,
        once=once,
    )


def link(ctx: Context, case: Case, other: Case, kind: str) -> None:
    """Remember that *case* goes on as, or belongs to, *other*; once."""
    known = select(CaseLink.id).where(CaseLink.case_id == case.id, CaseLink.other_id == other.id, CaseLink.kind == kind)
    if ctx.session.scalar(known) is None:
        ctx.session.add(
            CaseLink(
                provider_id=case.provider_id,
                organization_id=case.organization_id,
                account_id=case.account_id,
                case_id=case.id,
                other_id=other.id,
                kind=kind,
            )
        )
        ctx.session.flush()
