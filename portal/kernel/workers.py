"""The processes behind RQ: the worker, the scheduler, and whether they are alive.

Both may be started any number of times: the worker claims in the database, the scheduler names its jobs by time slot.
"""

import contextlib
import logging
import sys
import time
from collections.abc import Mapping
from typing import Any

from flask import Flask
from redis import Redis, RedisError
from rq import Queue, Worker
from rq.cron import CronJob, CronScheduler
from rq.exceptions import DuplicateJobError

from portal.kernel import clock
from portal.kernel.database import db, forget_inherited_connections
from portal.kernel.jobs import QUEUE

log = logging.getLogger(__name__)

# A worker shows a sign of life every 5 seconds; one that was silent for 30 counts as gone.
WORKER_TTL = 20
BUSY_HEARTBEAT = 10
SILENT_SECONDS = 30
# Sorted sets of our own: process → Redis' time of its last sign of life. RQ writes its registry of workers at birth
# only, and so loses it with a Redis that starts empty; each sign of life writes these anew.
WORKERS, SCHEDULERS = "parley:alive:workers", "parley:alive:schedulers"


def show_life(connection: Redis, kind: str, name: str) -> None:
    """Say that the process *name* of *kind* (WORKERS or SCHEDULERS) is alive now; forget who was silent for long."""
    now = _redis_seconds(connection)
    connection.zremrangebyscore(kind, "-inf", now - SILENT_SECONDS)
    connection.zadd(kind, {name: now})


def end_life(connection: Redis, kind: str, name: str) -> None:
    """Say that the process *name* of *kind* has ended."""
    connection.zrem(kind, name)


def count_live(connection: Redis, kind: str) -> int:
    """How many processes of *kind* showed a sign of life within SILENT_SECONDS."""
    return int(connection.zcount(kind, _redis_seconds(connection) - SILENT_SECONDS, "+inf"))


def seconds_since_life(connection: Redis, kind: str) -> int | None:
    """Seconds since any process of *kind* showed a sign of life; None if Redis knows of none."""
    newest: Any = connection.zrange(kind, 0, 0, desc=True, withscores=True)
    return max(0, _redis_seconds(connection) - int(newest[0][1])) if newest else None


def _redis_seconds(connection: Redis) -> int:
    """The one clock that all processes share; the clock of a demo may be moved."""
    seconds, _microseconds = connection.time()
    return int(seconds)


class PortalWorker(Worker):
    """Runs each job in a forked work-horse, inside an application context, with connections of its own."""

    app: Flask
    asked_to_stop = False
    max_connection_wait_time = 2.0  # RQ would wait for up to a minute after Redis came back

    def perform_job(self, *args: Any, **kwargs: Any) -> bool:
        with self.app.app_context():
            forget_inherited_connections(db.engine)
            return bool(super().perform_job(*args, **kwargs))

    def heartbeat(self, *args: Any, **kwargs: Any) -> None:
        super().heartbeat(*args, **kwargs)
        show_life(self.connection, WORKERS, self.name)

    def register_death(self) -> None:
        super().register_death()  # type: ignore[no-untyped-call]
        with contextlib.suppress(RedisError):
            end_life(self.connection, WORKERS, self.name)

    def request_stop(self, signum: Any, frame: Any) -> None:
        self.asked_to_stop = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]


def run_worker(app: Flask) -> None:
    """Work until told to stop. Ends with 1 when Redis went away in the middle: whoever keeps it starts it again."""
    connection = Redis.from_url(app.config["REDIS_URL"])
    wait_for_redis(connection)
    queue = Queue(QUEUE, connection=connection, serializer="json")
    worker = PortalWorker(
        [queue],
        connection=connection,
        serializer="json",
        worker_ttl=WORKER_TTL,
        job_monitoring_interval=BUSY_HEARTBEAT,
    )
    worker.app = app
    try:
        worker.work(logging_level="WARNING")
    except RedisError as problem:
        log.warning("the worker lost Redis: %s", problem)
    if not worker.asked_to_stop:
        sys.exit(1)


def wait_for_redis(connection: Redis) -> None:
    """Return once Redis answers; a signal ends the wait."""
    while True:
        try:
            connection.ping()
        except RedisError:
            time.sleep(1)
        else:
            return


class SlotCronJob(CronJob):
    """A periodic job whose id names its time slot, so that any number of schedulers enqueue it once."""

    def enqueue(self, connection: Any) -> Any:
        seconds = int(self.interval or 1)
        slot = clock.milliseconds() // 1000 // seconds * seconds
        queue = Queue(self.queue_name, connection=connection, serializer="json")
        try:
            wanted: Any = self.func or self.func_name
            return queue.enqueue(
                wanted,
                args=self.args,
                kwargs=self.kwargs,
                unique=True,
                job_id=f"cron-{self.func_name.replace('.', '-')}-{slot}",
                **self.job_options,
            )
        except DuplicateJobError:
            return None


class SlotCron(CronScheduler):
    """A scheduler that outlives its Redis: what it could not enqueue now it enqueues when Redis is back."""

    def enqueue_jobs(self) -> Any:
        try:
            return super().enqueue_jobs()
        except RedisError as problem:
            log.warning("the scheduler cannot reach Redis: %s", problem)
            return []

    def calculate_sleep_interval(self) -> float:
        return min(max(float(super().calculate_sleep_interval()), 0.5), 5)

    def save(self, *args: Any, **kwargs: Any) -> None:
        with contextlib.suppress(RedisError):
            super().save(*args, **kwargs)

    def heartbeat(self) -> None:
        with contextlib.suppress(RedisError):
            super().heartbeat()
            show_life(self.connection, SCHEDULERS, self.name)

    def register_birth(self) -> None:
        with contextlib.suppress(RedisError):
            super().register_birth()

    def register_death(self, *args: Any, **kwargs: Any) -> None:
        with contextlib.suppress(RedisError):
            super().register_death(*args, **kwargs)
            end_life(self.connection, SCHEDULERS, self.name)


def run_scheduler(app: Flask, table: Mapping[str, int]) -> None:
    """Enqueue each function of *table* (dotted name → seconds) once a slot, until told to stop."""
    scheduler = SlotCron(connection=Redis.from_url(app.config["REDIS_URL"]), logging_level="WARNING")
    for name, seconds in table.items():
        # The id is kept longer than its slot lasts; a job that nobody took within three slots has no news to bring.
        job = SlotCronJob(
            queue_name=QUEUE,
            func_name=name,
            interval=seconds,
            ttl=seconds * 3,
            failure_ttl=86400,
            result_ttl=max(500, seconds * 2),
        )
        scheduler._cron_jobs.append(job)
    scheduler.start()  # type: ignore[no-untyped-call]


def count_live_workers(connection: Redis) -> int:
    """How many workers showed a sign of life within SILENT_SECONDS."""
    return count_live(connection, WORKERS)


def count_live_schedulers(connection: Redis) -> int:
    """How many schedulers showed a sign of life within SILENT_SECONDS."""
    return count_live(connection, SCHEDULERS)
