"""Due work. The database holds what is due; a job of RQ only wakes a worker.

`work_due` is the one job. It claims due rows one at a time (FOR UPDATE SKIP LOCKED), does each in a transaction of
its own for one provider, and deletes the row in that same transaction: done exactly once or still owed. A failure
moves the row's time (back-off); after the last try a delivery is dead and waits for a person on /admin/jobs.
The processes that run it are in `workers`.
"""

import datetime as dt
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry as RedisRetry
from rq import Queue, Retry
from rq.timeouts import BaseTimeoutException
from sqlalchemy import delete, select

from portal.kernel import clock, events, outbox, uow
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.database import AnySession, db
from portal.kernel.system_context import create_system_context

log = logging.getLogger(__name__)

QUEUE = "parley"
TRIES = 8
# Seconds after which a run of a job begins nothing more and asks for its next run. RQ ends a job after 180.
RUN_SECONDS = 60.0
# Failures after which a run ends likewise.
FAILURES = 100
FIRST_PAUSE, LONGEST_PAUSE = 5, 600
Handler = Callable[[Context, Id], None]
T = TypeVar("T")
# What the worker raises in a job that takes too long.
JobTimeout = BaseTimeoutException
# kind of due work → what to do with its id; features' kinds are installed by wiring.
_handlers: dict[str, Handler] = {}


def register_handlers(handlers: Mapping[str, Handler]) -> None:
    """Register `wiring.DUE`: what does the due work of each kind."""
    _handlers.clear()
    _handlers.update(handlers)


def handled_kinds() -> list[str]:
    """The kinds of due work that features registered."""
    return list(_handlers)


def pause_after(attempts: int) -> dt.timedelta:
    """How long to wait after so many failed tries: 5, 10, 20 … seconds, at most ten minutes."""
    return dt.timedelta(seconds=min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE))


# -- waking -----------------------------------------------------------------------------------------------------------

SWEEP_TIME_KEY = "parley:swept"
# After a failure Redis is not asked for so long: a dead Redis costs one short wait, not one for each request.
LEFT_ALONE_SECONDS = 5.0
_redis: Redis | None = None
_left_alone_until = 0.0


def connect_redis(url: str) -> Redis:
    """One client of Redis for this process; short time-outs, because nothing that a person waits for may hang on it."""
    global _redis, _left_alone_until
    _redis = Redis.from_url(url, socket_connect_timeout=0.3, socket_timeout=0.5, retry=RedisRetry(NoBackoff(), 0))
    _left_alone_until = 0.0
    events.register_wake_function(wake_worker)
    return _redis


def redis() -> Redis:
    """The configured client."""
    if _redis is None:
        raise RuntimeError("Redis is not configured")
    return _redis


def queue() -> Queue:
    """The only queue. Jobs are serialized as JSON and consist of a name."""
    return Queue(QUEUE, connection=redis(), serializer="json")


def oldest_job_seconds() -> float:
    """The age of the job that waits longest; 0 if none waits."""
    waiting = queue().get_jobs(0, 1)
    created = waiting[0].created_at if waiting else None
    return max(0.0, clock.milliseconds() / 1000 - created.timestamp()) if created else 0.0


def ask_redis(ask: Callable[[Redis], T], without: T, *, lost: str) -> T:
    """What *ask* gets from Redis; *without* where there is none, or it does not answer now or did not a moment ago.
    *lost* says in the log what that means."""
    global _left_alone_until
    if _redis is None or time.monotonic() < _left_alone_until:
        return without
    try:
        return ask(_redis)
    except RedisError as problem:
        _left_alone_until = time.monotonic() + LEFT_ALONE_SECONDS
        log.warning("%s: %s", lost, problem)
        return without


def wake_worker() -> None:
    """Tell a worker to look. Two waiting look-now jobs are enough: they have not looked yet."""

    def wake(_redis: Redis) -> None:
        if queue().count < 2:
            queue().enqueue("portal.kernel.jobs.work_due", result_ttl=0, failure_ttl=86400, retry=Retry(max=2))

    ask_redis(wake, None, lost="nobody could be woken; the sweep will find the work")


def wake_job(name: str) -> None:
    """Let a worker run the periodic job *name* now. Without Redis it runs at its next time."""
    try:
        queue().enqueue(name, result_ttl=0, failure_ttl=86400)
    except (RedisError, RuntimeError) as problem:
        log.warning("a job could not be started early: %s", problem)


def last_sweep_at() -> dt.datetime | None:
    """When a worker last found nothing more to do. Raises RedisError if Redis does not answer."""
    found = redis().get(SWEEP_TIME_KEY)
    return dt.datetime.fromtimestamp(int(found), dt.UTC) if found else None


def _store_sweep_time() -> None:
    try:
        redis().set(SWEEP_TIME_KEY, clock.milliseconds() // 1000, ex=86400)
    except (RedisError, RuntimeError):
        log.debug("the time of this look could not be kept")


# -- working ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Claim:
    """One piece of due work."""

    provider_id: Id
    kind: str
    id: Id


def claim_due_work(session: AnySession, now: dt.datetime, passed: set[Claim]) -> Claim | None:
    """Take the next due piece that nobody else holds and that is not in *passed*; None when there is none.

    Its row is deleted at once, so that the work may plan the same piece again; a rollback brings it back.
    """
    statement = select(outbox.DueWork).where(outbox.DueWork.due_at <= now).order_by(outbox.DueWork.due_at)
    statement = statement.with_for_update(skip_locked=True).limit(1 + len(passed))
    for row in session.scalars(statement).all():
        piece = Claim(row.provider_id, row.kind, row.id)
        if piece not in passed:
            session.execute(_row_of(delete(outbox.DueWork), piece))
            session.expunge(row)
            return piece
    return None


def _row_of(statement: Any, piece: Claim) -> Any:
    row = outbox.DueWork
    where = (row.provider_id == piece.provider_id, row.kind == piece.kind, row.id == piece.id)
    return statement.where(*where).execution_options(synchronize_session=False)


def work_due(seconds: float = RUN_SECONDS) -> int:
    """Do what is due now until *seconds* have passed, one piece at least; returns how many were done.

    What is left is done in the next run. Safe to run anywhere and any number of times at once.
    """
    ends, done = time.monotonic() + seconds, 0
    passed: set[Claim] = set()
    while not (done or passed) or (time.monotonic() < ends and len(passed) < FAILURES):
        piece: Claim | None = None
        db.session.remove()
        try:
            with uow.unit_of_work(db.session):
                piece = claim_due_work(db.session, clock.now(), passed)
                if piece is None:
                    break
                _do_work(piece)
            done += 1
        except Exception as problem:
            if piece is None:
                raise
            log.exception("due work failed", extra={"kind": piece.kind, "piece": str(piece.id)})
            passed.add(piece)
            _postpone(piece, problem)
            if isinstance(problem, JobTimeout):  # RQ gives one warning, and then ends the process
                ends = 0.0
    else:
        wake_worker()
    db.session.remove()
    _store_sweep_time()
    return done


def _do_work(piece: Claim) -> None:
    context = create_system_context(piece.provider_id)
    if piece.kind == outbox.DELIVERY:
        run_consumer(context, piece.id)
    else:
        _handlers[piece.kind](context, piece.id)


def run_consumer(context: Context, delivery_id: Id) -> None:
    """Run the consumer of a delivery, and mark the delivery as done in the same transaction."""
    delivery = context.session.get(outbox.Delivery, delivery_id)
    if delivery is None or delivery.state == "done":
        return
    event = context.session.get(events.Event, delivery.event_id)
    events.consumers_by_name[delivery.consumer](context, event)  # type: ignore[arg-type]
    delivery.state, delivery.done_at = "done", context.now


def _postpone(piece: Claim, problem: Exception) -> None:
    """Try again later, less and less often; a delivery that failed TRIES times is dead and keeps its reason."""
    db.session.remove()
    with uow.unit_of_work(db.session):
        context = create_system_context(piece.provider_id)
        row = context.session.scalars(_row_of(select(outbox.DueWork), piece).with_for_update()).one_or_none()
        if row is None:
            return
        row.attempts = min(row.attempts + 1, 1000)
        row.due_at = context.now + pause_after(row.attempts)
        delivery = context.session.get(outbox.Delivery, piece.id) if piece.kind == outbox.DELIVERY else None
        if delivery is not None:
            delivery.attempts = row.attempts
            delivery.last_error = f"{type(problem).__name__}: {problem}"[:2000].replace("\x00", "")
            if row.attempts >= TRIES:
                delivery.state = "dead"
                context.session.delete(row)


def revive_delivery(context: Context, delivery_id: Id) -> None:
    """Give a dead delivery its tries back (an administrator asked)."""
    delivery = context.session.get(outbox.Delivery, delivery_id, with_for_update=True, populate_existing=True)
    if delivery is not None and delivery.state == "dead":
        delivery.state, delivery.attempts = "pending", 0
        outbox.schedule(context.session, context.provider_id, outbox.DELIVERY, delivery_id, context.now)
        uow.call_after_commit(context.session, wake_worker)
