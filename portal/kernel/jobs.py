"""RQ: a wake-up, not a ledger. What is due stands in the database; a job only says "look now".

`work_due` is the one job. It claims due rows one at a time (FOR UPDATE SKIP LOCKED), does each in a transaction of
its own for one provider, and deletes the row in that same transaction: done exactly once or still owed. A failure
moves the row's time (back-off); after the last try a delivery is dead and waits for a person on /admin/jobs.
"""

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from redis import Redis
from rq import Queue, Retry, Worker
from rq.cron import CronJob, CronScheduler
from rq.exceptions import DuplicateJobError
from sqlalchemy import select

from portal.kernel import actor, clock, events, outbox, uow
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.database import AnySession, Tenancy, bind, db, forget_inherited_connections

log = logging.getLogger(__name__)

QUEUE = "parley"
TRIES = 8
Handler = Callable[[Context, Id], None]
# kind of due work → what to do with its id; features' kinds are installed by wiring.
_handlers: dict[str, Handler] = {}
_provider_loader: Callable[[AnySession, Id], Any] | None = None


def handle(handlers: Mapping[str, Handler], load_provider: Callable[[AnySession, Id], Any]) -> None:
    """Install the handlers of `wiring.DUE` and how to load a provider's row."""
    global _provider_loader
    _handlers.clear()
    _handlers.update(handlers)
    _provider_loader = load_provider


def system_context(provider_id: Id, channel: str = "system") -> Context:
    """A context for work of the house itself at one provider; the session is bound to it."""
    context = Context(actor=actor.system(provider_id), now=clock.now(), session=db.session, channel=channel)
    bind(db.session, Tenancy.of(context.actor))
    context.provider = _provider_loader(db.session, provider_id) if _provider_loader else None
    return context


# -- waking -----------------------------------------------------------------------------------------------------------

_redis: Redis | None = None


def connect(url: str) -> Redis:
    """One client of Redis for this process; short time-outs, because nothing that a person waits for may hang on it."""
    global _redis
    _redis = Redis.from_url(url, socket_connect_timeout=0.5, socket_timeout=2)
    events.on_wake(wake)
    return _redis


def redis() -> Redis:
    """The configured client."""
    if _redis is None:
        raise RuntimeError("Redis is not configured")
    return _redis


def queue() -> Queue:
    return Queue(QUEUE, connection=redis(), serializer="json")


def wake() -> None:
    """Tell a worker to look. Two waiting look-now jobs are enough: one may already have looked."""
    if queue().count < 2:
        queue().enqueue("portal.kernel.jobs.work_due", result_ttl=0, failure_ttl=86400, retry=Retry(max=2))


# -- working ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Claim:
    provider_id: Id
    kind: str
    id: Id


def claim(session: AnySession, now: dt.datetime, passed: set[Claim]) -> outbox.DueWork | None:
    """Lock the next due row that nobody else holds and that is not in *passed*; None when there is none."""
    statement = select(outbox.DueWork).where(outbox.DueWork.due_at <= now).order_by(outbox.DueWork.due_at)
    statement = statement.with_for_update(skip_locked=True).limit(1 + len(passed))
    for row in session.scalars(statement):
        if Claim(row.provider_id, row.kind, row.id) not in passed:
            return row
    return None


def work_due(limit: int = 500) -> int:
    """Do what is due now, at most *limit* pieces; returns how many were done. Safe to run anywhere, any number of times."""
    done = 0
    passed: set[Claim] = set()
    while done < limit:
        db.session.remove()
        row = claim(db.session, clock.now(), passed)
        if row is None:
            break
        piece = Claim(row.provider_id, row.kind, row.id)
        try:
            with uow.unit_of_work(db.session):
                _do(piece)
                db.session.delete(row)
            done += 1
        except Exception as problem:
            log.exception("due work failed", extra={"kind": piece.kind, "id": str(piece.id)})
            passed.add(piece)
            _postpone(piece, problem)
    db.session.remove()
    return done


def _do(piece: Claim) -> None:
    context = system_context(piece.provider_id)
    if piece.kind == outbox.DELIVERY:
        deliver(context, piece.id)
    else:
        _handlers[piece.kind](context, piece.id)


def deliver(context: Context, delivery_id: Id) -> None:
    """Let the consumer of a delivery do its part; the delivery is done in the same transaction."""
    delivery = context.session.get(outbox.Delivery, delivery_id)
    if delivery is None or delivery.state == "done":
        return
    event = context.session.get(events.Event, delivery.event_id)
    events.consumers_by_name[delivery.consumer](context, event)  # type: ignore[arg-type]
    delivery.state, delivery.done_at = "done", context.now


def _postpone(piece: Claim, problem: Exception) -> None:
    """Try again later: after 5, 10, 20 … seconds; a delivery that failed TRIES times is dead and keeps its reason."""
    with uow.unit_of_work(db.session):
        context = system_context(piece.provider_id)
        row = context.session.get(outbox.DueWork, (piece.provider_id, piece.kind, piece.id), with_for_update=True)
        if row is None:
            return
        attempts = 1
        if piece.kind == outbox.DELIVERY:
            delivery = context.session.get(outbox.Delivery, piece.id)
            if delivery is not None:
                delivery.attempts += 1
                attempts = delivery.attempts
                delivery.last_error = f"{type(problem).__name__}: {problem}"[:2000]
                if attempts >= TRIES:
                    delivery.state = "dead"
                    context.session.delete(row)
                    return
        row.due_at = context.now + dt.timedelta(seconds=min(5 * 2 ** (attempts - 1), 600))


def revive(context: Context, delivery_id: Id) -> None:
    """Give a dead delivery its tries back (an administrator asked)."""
    delivery = context.session.get(outbox.Delivery, delivery_id)
    if delivery is not None and delivery.state == "dead":
        delivery.state, delivery.attempts = "pending", 0
        outbox.schedule(context.session, context.provider_id, outbox.DELIVERY, delivery_id, context.now)


# -- processes --------------------------------------------------------------------------------------------------------


def run_worker(app: Any) -> None:
    """Work until told to stop. Each job runs in a forked work-horse inside an application context."""

    class ParleyWorker(Worker):
        def perform_job(self, *args: Any, **kwargs: Any) -> bool:
            with app.app_context():
                forget_inherited_connections(db.engine)
                return bool(super().perform_job(*args, **kwargs))

    connection = Redis.from_url(app.config["REDIS_URL"])
    worker = ParleyWorker([Queue(QUEUE, connection=connection, serializer="json")], connection=connection, serializer="json")
    worker.work(with_scheduler=True, logging_level="WARNING")


class SlotCronJob(CronJob):
    """A periodic job whose id names its time slot, so that two schedulers enqueue it once."""

    def enqueue(self, connection: Any) -> Any:
        slot = int(clock.now().timestamp()) // int(self.interval or 1) * int(self.interval or 1)
        try:
            return Queue(self.queue_name, connection=connection, serializer="json").enqueue(
                self.func, args=self.args, kwargs=self.kwargs, unique=True,
                job_id=f"cron-{self.func_name.replace('.', '-')}-{slot}", **self.job_options,
            )
        except DuplicateJobError:
            return None


def run_scheduler(app: Any, table: Mapping[str, int]) -> None:
    """Enqueue each function of *table* (dotted name → seconds) once a slot, for ever."""
    scheduler = CronScheduler(connection=Redis.from_url(app.config["REDIS_URL"]), logging_level="WARNING")
    for name, seconds in table.items():
        job = SlotCronJob(
            queue_name=QUEUE, func_name=name, interval=seconds, result_ttl=max(500, seconds * 2), failure_ttl=86400
        )
        scheduler._cron_jobs.append(job)
    scheduler.start()


def worker_alive(connection: Redis) -> bool:
    """Whether a worker has shown a heartbeat within RQ's own time-out."""
    return any(True for _ in Worker.all(connection=connection, queue=Queue(QUEUE, connection=connection)))

