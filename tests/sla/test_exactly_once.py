"""Due steps, three workers, two schedulers; workers and Valkey are killed at random and started again. None is lost,
none doubled, none early.

500 steps by default, so that a small machine gets through it; STEPS=10000 in the environment runs twenty times as
many.
"""

import datetime as dt
import os
import random
import time
from collections import Counter

import psycopg
import pytest

from portal.kernel import jobs, workers
from portal.sla.actions import escalation
from portal.sla.actions.escalation import StepDesign
from portal.sla.models import EscalationRule
from tests.kernel.test_outbox_processes import Machinery, wait_until
from tests.sla import many_clocks

pytestmark = [pytest.mark.crash, pytest.mark.slow]
STEPS = int(os.environ.get("STEPS", "500"))
WORKERS = 3
VICTIMS = ("worker", "worker", "valkey", "nobody")
LEDGER = "SELECT clock_id, step_id, target_version, due_at, fired_at, did FROM sla_fired"


@pytest.fixture
def machinery(live, tmp_path):
    made = Machinery(live, tmp_path)
    yield made
    made.stop()


def one_rule(world):
    """Two steps a clock: somebody is told at half, the tier rises at the end."""
    for rule in world.rows(EscalationRule):
        rule.active = False
    escalation.add_rule(
        world.ctx("ada"),
        name="Twice",
        kinds=["first_response"],
        steps=[StepDesign(50, "notify", ["lead"]), StepDesign(100, "raise_tier", note="Nobody answered.")],
    )


def test_every_step_exactly_once(live, machinery):
    with live.inside() as world:
        one_rule(world)
        due = world.open_case("rita", severity=1, ago=dt.timedelta(minutes=30))
        fresh = world.open_case("rita", severity=1)
        due_id, fresh_id, provider = due.id, fresh.id, world.northwind.id
    url = live.engines.url(live.name, "postgres")
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM due_work")
    late = many_clocks.copy_case(url, due_id, provider, STEPS // 2, first=10_000)
    # Looks that come too early: nothing is used up yet.
    early = many_clocks.copy_case(url, fresh_id, provider, 50, first=900_000)
    for _ in range(WORKERS):
        machinery.start("worker")
    machinery.start("scheduler"), machinery.start("scheduler")
    wait_until(lambda: workers.count_live_workers(jobs.redis()) >= 1, 90, "workers show themselves")
    dice = random.Random(7)
    deadline = time.monotonic() + 300 + STEPS / 5
    kills: Counter[str] = Counter()
    bag: list[str] = []
    with psycopg.connect(url, autocommit=True) as looking:

        def left():
            question = "SELECT count(*) FROM due_work WHERE kind = 'sla_step' AND id = ANY(%s)"
            return looking.execute(question, [late]).fetchone()[0]

        while left():
            assert time.monotonic() < deadline, f"{left()} clocks are still owed"
            # A worker needs some seconds to start: who is killed sooner never works.
            time.sleep(dice.uniform(3, 9))
            if not bag:  # everybody's turn comes, in an order of its own each time
                bag = dice.sample(VICTIMS, len(VICTIMS))
            victim = bag.pop()
            kills[victim] += 1
            if victim == "worker":
                alive = [p for p in machinery.processes if p.name == "worker" and p.alive]
                if alive:
                    machinery.kill_with_children(dice.choice(alive))
            elif victim == "valkey":
                machinery.valkey.process.kill()
                time.sleep(0.3)
                machinery.valkey.restart()
                machinery.valkey.wait_until_ready()
            alive = sum(p.alive for p in machinery.processes if p.name == "worker")
            for _ in range(WORKERS - alive):  # as the supervisor would
                machinery.start("worker")
        ledger = looking.execute(LEDGER).fetchall()
    told = Counter((row[0], row[1], row[2]) for row in ledger)
    assert set(told.values()) == {1}, "a step fired twice"
    assert {row[0] for row in ledger} == set(late), "a clock was lost, or fired that was not due"
    assert len(ledger) == STEPS // 2 * 2, "a step was lost"
    assert not {row[0] for row in ledger} & set(early)
    assert all(row[4] >= row[3] for row in ledger), "a step was early"
    with psycopg.connect(url) as connection:
        raised = connection.execute(
            "SELECT count(*) FROM events WHERE name = 'case.escalated' AND case_id <> ALL(%s)", [[due_id, fresh_id]]
        ).fetchone()[0]
        tiers = connection.execute(
            "SELECT tier, count(*) FROM cases WHERE id IN (SELECT case_id FROM sla_fired) GROUP BY 1"
        ).fetchall()
        alarms = connection.execute("SELECT count(*) FROM events WHERE name = 'sla.alarm'").fetchone()[0]
    assert raised == STEPS // 2 and tiers == [(2, STEPS // 2)], "a tier was raised twice, or not at all"
    assert alarms == STEPS // 2
    struck = [name for name in ("worker", "valkey") if kills[name]]
    assert len(struck) >= (2 if STEPS >= 10_000 else 1), "who was never killed shows nothing"
    print(f"{STEPS} steps, killed: {dict(kills)}")
