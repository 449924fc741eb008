"""Requests for a yes. Every read starts at a scope."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ScalarSelect, Select, String, and_, func, literal_column, or_, select
from sqlalchemy.orm import joinedload, selectinload

from portal.approvals.engine.figures import LAST, median_time
from portal.approvals.models import ApprovalAnswer, ApprovalRequest
from portal.authz.scopes import load, scope, select_nothing
from portal.cases.models import Case
from portal.cases.policies import has_id_in
from portal.kernel.actor import Actor, Id
from portal.kernel.bounded_counts import bounded_count
from portal.kernel.context import Context
from portal.kernel.system_context import as_system

# Written as a literal, so that a generic plan can use the partial indexes.
IS_OPEN = ApprovalRequest.state == literal_column("'asked'", String())
MOST_COUNTED = 100
# The requests of a case that its page shows.
MOST_SHOWN = 20


def _with_people(rows: "Select[Any]") -> "Select[Any]":
    return rows.options(
        selectinload(ApprovalRequest.answers),
        joinedload(ApprovalRequest.asked_by),
        joinedload(ApprovalRequest.ended_by),
    )


def requests_of(ctx: Context, case: Case) -> Sequence[ApprovalRequest]:
    """The visible requests of *case*, the last one first, with their answers."""
    rows = scope(ctx.actor, ApprovalRequest).where(ApprovalRequest.case_id == case.id)
    rows = rows.order_by(ApprovalRequest.number.desc()).limit(MOST_SHOWN)
    return ctx.session.scalars(_with_people(rows)).all()


def latest_request(ctx: Context, case: Case, *, lock: bool = False) -> ApprovalRequest | None:
    """The last visible request of *case*, with its answers; with *lock* locked and read again."""
    rows = scope(ctx.actor, ApprovalRequest).where(ApprovalRequest.case_id == case.id)
    rows = rows.order_by(ApprovalRequest.number.desc()).limit(1)
    if lock:
        locked = rows.with_for_update(of=ApprovalRequest).with_only_columns(ApprovalRequest.id)
        found = ctx.session.scalar(locked)
        if found is None:
            return None
        rows = scope(ctx.actor, ApprovalRequest).where(ApprovalRequest.id == found)
        rows = rows.execution_options(populate_existing=True)
    return ctx.session.scalars(_with_people(rows)).one_or_none()


def request_by_id(ctx: Context, request_id: Id, *, lock: bool = False) -> ApprovalRequest:
    """One visible request with its answers; NotFound otherwise."""
    if lock:
        load(ctx, ApprovalRequest, ApprovalRequest.id == request_id, lock=True)
    options = [selectinload(ApprovalRequest.answers), joinedload(ApprovalRequest.asked_by)]
    return load(ctx, ApprovalRequest, ApprovalRequest.id == request_id, options=options, fresh=lock)


def find_request(ctx: Context, request_id: Id | None) -> ApprovalRequest | None:
    """One visible request with its answers; None for an id that is none of a visible one."""
    if request_id is None:
        return None
    rows = scope(ctx.actor, ApprovalRequest).where(ApprovalRequest.id == request_id)
    return ctx.session.scalars(_with_people(rows)).one_or_none()


def open_requests_naming(ctx: Context, people: Collection[tuple[Id, Id]]) -> Sequence[Id]:
    """The ids of the cases that wait for one of *people* (person, organization) in that organization."""
    by_place: dict[Id, list[Id]] = {}
    for user_id, organization_id in people:
        by_place.setdefault(organization_id, []).append(user_id)
    named = [
        and_(ApprovalRequest.organization_id == place, ApprovalRequest.waiting_ids.overlap(user_ids))
        for place, user_ids in by_place.items()
    ]
    rows = scope(ctx.actor, ApprovalRequest).where(IS_OPEN, or_(*named))
    return ctx.session.scalars(rows.with_only_columns(ApprovalRequest.case_id).limit(500)).all()


def waiting_of_rows(ctx: Context, case_ids: Iterable[Id]) -> Mapping[Id, ApprovalRequest]:
    """The open requests of these cases by case. One statement; none for no case."""
    wanted = list(case_ids)
    if not wanted:
        return {}
    rows = scope(ctx.actor, ApprovalRequest).where(ApprovalRequest.case_id.in_(wanted), IS_OPEN)
    return {row.case_id: row for row in ctx.session.scalars(rows)}


def waits_for(actor: Actor) -> Any:
    """The condition for cases that wait for the yes of *actor*. The scope of cases applies beside it."""
    mine = ApprovalRequest.waiting_ids.contains([actor.user_id])
    rows = select(ApprovalRequest.case_id).where(ApprovalRequest.provider_id == actor.provider_id, IS_OPEN, mine)
    inside = ApprovalRequest.internal.is_(not actor.is_contact)
    return has_id_in(rows.where(inside))


def to_answer_count(actor: Actor) -> ScalarSelect[int]:
    """The number of visible cases that wait for the yes of *actor*, for the frame of pages: a part of a statement."""
    rows = scope(actor, Case)
    rows = rows.where(waits_for(actor)) if actor.user_id is not None else select_nothing(rows)
    return bounded_count(rows.with_only_columns(Case.id), MOST_COUNTED)


def median_answer_time(ctx: Context, organization_id: Id) -> dt.timedelta | None:
    """How long the last yes or no of this client took in the median (of the last 20 requests that people decided);
    None where there are too few. Whatever the reader may see: it is a figure over all of them."""
    with as_system(ctx) as inner:
        rows = (
            scope(inner.actor, ApprovalRequest)
            .where(
                ApprovalRequest.organization_id == organization_id,
                ApprovalRequest.state != literal_column("'asked'", String()),
                or_(
                    ApprovalRequest.state == literal_column("'approved'", String()),
                    ApprovalRequest.state == literal_column("'refused'", String()),
                ),
                ApprovalRequest.internal.is_(False),
            )
            .with_only_columns(ApprovalRequest.ended_at - ApprovalRequest.asked_at)
            .order_by(ApprovalRequest.ended_at.desc())
            .limit(LAST)
        )
        return median_time(list(inner.session.scalars(rows)))


def next_number(ctx: Context, case: Case) -> int:
    """The number of the next request of *case*, internal ones too. The caller holds the lock of the case, or opens
    it."""
    with as_system(ctx) as inner:
        rows = scope(inner.actor, ApprovalRequest).where(ApprovalRequest.case_id == case.id)
        last = inner.session.scalar(rows.with_only_columns(func.max(ApprovalRequest.number)).order_by(None))
    return int(last or 0) + 1


def answers_of(ctx: Context, row: ApprovalRequest) -> Sequence[ApprovalAnswer]:
    """The answers to *row*, read now."""
    rows = scope(ctx.actor, ApprovalAnswer).where(ApprovalAnswer.request_id == row.id)
    return ctx.session.scalars(rows.order_by(ApprovalAnswer.id)).all()
