"""The outbox between processes: whatever is killed, every delivery is done exactly once, and soon."""

import os
import signal
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from rq import Worker
from rq.worker import WorkerStatus

from engines import valkey
from engines.process import Process
from portal.kernel import events, jobs, outbox, workers
from portal.kernel.events import Event, record
from portal.kernel.outbox import Delivery, DueWork
from portal.notifications.models import Notification
from portal.tenants.models import Provider
from tests.kernel import counting_app
from tests.support.processes import descendants_of, kill

pytestmark = [pytest.mark.crash, pytest.mark.slow]
ROOT = Path(__file__).parents[2]
FLASK = [sys.executable, "-m", "flask", "--app", "tests.kernel.counting_app"]


class Machinery:
    """A Valkey of its own, workers and schedulers as real processes."""

    def __init__(self, live, folder):
        self.live, self.folder = live, folder
        self.valkey = valkey.start(folder)
        self.environment = {**os.environ, **live.environment(), "REDIS_URL": self.valkey.url(), "SMTP_URL": ""}
        self.processes = []
        self.usual_redis, live.config.redis_url = live.config.redis_url, self.valkey.url()
        jobs.connect_redis(self.valkey.url())

    def start(self, command):
        n = len(self.processes)
        made = Process(
            command,
            [*FLASK, command],
            log=self.folder / f"{command}-{n}.log",
            environment=self.environment,
            folder=ROOT,
        )
        self.processes.append(made)
        return made

    def kill_with_children(self, process):
        """kill -9, the forked work-horse too: it leads a group of its own."""
        for child in descendants_of(process.pid):
            kill(child)
        process.kill()

    def stop(self):
        for process in self.processes:
            self.kill_with_children(process)
        self.valkey.stop(grace=1)
        self.live.config.redis_url = self.usual_redis
        jobs.connect_redis(self.usual_redis)


def wait_until(true, seconds, what):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {what}")


@pytest.fixture
def machinery(live, tmp_path, monkeypatch):
    """Started for one test; the test's own process knows the slow consumer too."""
    for name, consumers in counting_app.CONSUMERS.items():
        names = tuple(events.consumer_name(function) for function in consumers)
        monkeypatch.setitem(events._consumers, name, names)
    made = Machinery(live, tmp_path)
    yield made
    made.stop()


def happen(live, numbers):
    """One event each, every one in a commit of its own, as requests would."""
    for n in numbers:
        with live.inside() as world:
            record(world.system(), "test.counted", world.row(Provider, world.northwind), n=n)


def counted(live):
    with live.inside() as world:
        return Counter(event.facts["n"] for event in world.rows(Event, Event.name == "test.done"))


def listening():
    """Whether a worker waits for jobs: by then it also minds signals."""
    found = Worker.all(connection=jobs.redis())
    return bool(found) and all(worker.get_state() == WorkerStatus.IDLE for worker in found)


def bells(live, case_id):
    with live.inside() as world:
        return len(world.rows(Notification, Notification.case_id == case_id))


def unfinished(live):
    with live.inside() as world:
        return len(world.rows(Delivery, Delivery.consumer == "test.count", Delivery.state != "done"))


def test_two_workers_and_two_schedulers_killed_in_the_middle_do_everything_exactly_once(live, machinery):
    first, second = machinery.start("worker"), machinery.start("worker")
    machinery.start("scheduler"), machinery.start("scheduler")
    wait_until(lambda: workers.count_live_workers(jobs.redis()) == 2, 60, "two workers show themselves")
    happen(live, range(30))
    wait_until(lambda: len(counted(live)) > 5, 20, "work has begun")
    machinery.kill_with_children(first)
    happen(live, range(30, 45))
    machinery.kill_with_children(second)
    happen(live, range(45, 55))
    machinery.start("worker")
    machinery.start("worker")
    machinery.valkey.process.kill()  # and Redis forgets everything
    happen(live, range(55, 70))
    machinery.valkey.restart()
    machinery.valkey.wait_until_ready()
    for process in [p for p in machinery.processes if not p.alive and p.name == "worker"][:2]:
        machinery.start(process.name)  # as the supervisor would
    wait_until(lambda: unfinished(live) == 0, 120, "everything is delivered")
    assert counted(live) == Counter(range(70))
    with live.inside() as world:
        poisoned = world.rows(Delivery, Delivery.consumer == "test.poison")
        assert len(poisoned) == 70 and all(d.state == "pending" for d in poisoned)
        assert max(d.attempts for d in poisoned) > 0


def test_a_commit_wakes_the_worker_without_any_sweep(live, machinery):
    machinery.start("worker")
    wait_until(lambda: workers.count_live_workers(jobs.redis()) == 1, 60, "the worker shows itself")
    with live.inside() as world:
        case_id = world.open_case("cora", contact="jan").id
    wait_until(lambda: bells(live, case_id), 60, "Jan's bell rings")


def test_a_worker_told_to_stop_ends_well_and_is_not_counted_any_more(live, machinery):
    worker = machinery.start("worker")
    wait_until(listening, 60, "the worker listens")
    assert workers.count_live_workers(jobs.redis()) == 1
    worker.send(signal.SIGTERM)
    assert worker.wait(10) and worker.exit_code == 0
    assert workers.count_live_workers(jobs.redis()) == 0


def test_readiness_is_true_after_redis_came_back_empty_and_after_a_kill(live, machinery, monkeypatch):
    """RQ's registry of workers is written at birth only: with it, a restarted Redis would know no worker for ever."""

    def problems():
        return live.app.test_client().get("/readyz").get_json()["problems"]

    assert problems() == {"worker": "no worker is running", "scheduler": "no scheduler is running"}

    def ready_with_worker():
        """Ready; a worker that lost Redis ends, and is started again as the supervisor would."""
        nonlocal worker
        if not worker.alive:
            worker = machinery.start("worker")
        return problems() == {}

    worker, scheduler = machinery.start("worker"), machinery.start("scheduler")
    wait_until(ready_with_worker, 60, "everything is ready")
    machinery.valkey.process.kill()
    wait_until(lambda: "redis" in problems(), 10, "Redis is missed")
    machinery.valkey.restart()
    machinery.valkey.wait_until_ready()
    wait_until(ready_with_worker, 60, "everything is ready again")
    # A process that hangs shows no sign of life either, so the time counts, not the end. Shorter than in earnest.
    monkeypatch.setattr(workers, "SILENT_SECONDS", 12)
    machinery.kill_with_children(scheduler)
    wait_until(lambda: problems() == {"scheduler": "no scheduler is running"}, 30, "the scheduler is missed")
    machinery.kill_with_children(worker)
    wait_until(lambda: "worker" in problems(), 30, "the worker is missed")
    machinery.start("scheduler")
    wait_until(ready_with_worker, 60, "everything is ready once more")


def test_a_scheduler_outlives_its_redis_and_stops_when_told(live, machinery):
    scheduler = machinery.start("scheduler")
    wait_until(lambda: jobs.queue().count > 0, 60, "the scheduler enqueues")
    machinery.valkey.process.kill()
    time.sleep(2.5)
    machinery.valkey.restart()
    machinery.valkey.wait_until_ready()
    wait_until(lambda: jobs.queue().count > 0, 15, "the scheduler goes on")
    scheduler.send(signal.SIGTERM)
    assert scheduler.wait(10) and scheduler.exit_code == 0


def test_a_dead_redis_neither_fails_nor_delays_what_people_do(live, machinery):
    machinery.valkey.process.kill()
    began = time.monotonic()
    happen(live, range(1000, 1005))
    assert time.monotonic() - began < 3
    with live.inside() as world:
        assert len(world.rows(DueWork, DueWork.kind == outbox.DELIVERY)) >= 10
