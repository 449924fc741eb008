"""Workers, queue, deliveries and due work of this provider: what waits and what failed."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from redis import RedisError
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.authz.scopes import load, scope
from portal.kernel import jobs, workers
from portal.kernel.context import Context
from portal.kernel.outbox import DELIVERY, Delivery, DueWork, is_in_state

SHOWN = 100
LATE = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """Workers, schedulers and queue, read from Redis; all None while it does not answer."""

    workers: int | None = None
    schedulers: int | None = None
    waiting: int | None = None
    last_look: dt.datetime | None = None

    @property
    def answers(self) -> bool:
        return self.workers is not None


def worker_status() -> WorkerStatus:
    """How many workers and schedulers are alive, how many jobs wait, and when a worker last looked for due work."""
    try:
        return WorkerStatus(
            workers.count_live_workers(jobs.redis()),
            workers.count_live_schedulers(jobs.redis()),
            jobs.queue().count,
            jobs.last_sweep_at(),
        )
    except (RedisError, RuntimeError):
        return WorkerStatus()


def deliveries(ctx: Context, state: str) -> Sequence[Delivery]:
    """The newest deliveries in *state* with their events: dead ones, or pending ones that failed before."""
    rows = scope(ctx.actor, Delivery).where(is_in_state(state))
    if state == "pending":
        rows = rows.where(Delivery.attempts > 0)
    rows = rows.options(joinedload(Delivery.event, innerjoin=True)).order_by(Delivery.id.desc())
    return ctx.session.scalars(rows.limit(SHOWN)).all()


def delivery(ctx: Context, delivery_id: uuid.UUID) -> Delivery:
    """One delivery with its event; NotFound otherwise."""
    return load(ctx, Delivery, Delivery.id == delivery_id, options=[joinedload(Delivery.event, innerjoin=True)])


def count_late_work(ctx: Context) -> int:
    """How many pieces of this provider were due more than a minute ago, counted to SHOWN at most."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    late = select(DueWork.id).where(DueWork.provider_id == ctx.provider_id, DueWork.due_at < ctx.now - LATE)
    return ctx.session.scalar(select(func.count()).select_from(late.limit(SHOWN).subquery())) or 0


def failing_timers(ctx: Context) -> Sequence[DueWork]:
    """Timers and sendings that failed and are tried again."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    rows = select(DueWork).where(DueWork.provider_id == ctx.provider_id, DueWork.kind != DELIVERY, DueWork.attempts > 0)
    return ctx.session.scalars(rows.order_by(DueWork.due_at).limit(SHOWN)).all()
