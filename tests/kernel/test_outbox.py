"""The outbox inside one process: once, again later, given up, set going again."""

import datetime as dt

import pytest

from portal.kernel import events, jobs, outbox
from portal.kernel.events import record
from portal.kernel.outbox import Delivery, DueWork
from portal.tenants.models import Provider


@pytest.fixture
def consumers(monkeypatch):
    """`consumers(name=function)` are the only ones that hear of `test.happened`, in that order."""

    def install(**functions):
        names = tuple(f"test.{name}" for name in functions)
        monkeypatch.setitem(events._consumers, "test.happened", names)
        for name, function in functions.items():
            monkeypatch.setitem(events.consumers_by_name, f"test.{name}", function)

    return install


def provider(world):
    return world.row(Provider, world.northwind)


def fail(_ctx, _event):
    raise ValueError("the printer is on fire")


def test_an_event_is_delivered_once_however_often_the_worker_looks(world, run_outbox, consumers):
    heard = []
    consumers(ear=lambda ctx, event: heard.append(event.facts["n"]))
    record(world.system(), "test.happened", provider(world), n=1)
    run_outbox()
    run_outbox()
    assert heard == [1]
    assert not world.rows(DueWork, DueWork.kind == outbox.DELIVERY)
    [delivery] = world.rows(Delivery, Delivery.consumer == "test.ear")
    assert delivery.state == "done" and delivery.done_at is not None


def test_a_poisoned_consumer_blocks_nobody_and_leaves_its_reason(world, work_once, consumers):
    heard = []
    consumers(poison=fail, ear=lambda ctx, event: heard.append(event.facts["n"]))
    for n in range(3):
        record(world.system(), "test.happened", provider(world), n=n)
    work_once()
    assert heard == [0, 1, 2]
    poisoned = world.rows(Delivery, Delivery.consumer == "test.poison")
    assert [(d.state, d.attempts, d.last_error) for d in poisoned] == [
        ("pending", 1, "ValueError: the printer is on fire")
    ] * 3


def test_a_failure_undoes_what_its_consumer_wrote(world, work_once, consumers):
    def half(ctx, event):
        record(ctx, "test.half", event)
        raise ValueError

    consumers(half=half)
    record(world.system(), "test.happened", provider(world))
    work_once()
    assert not world.rows(events.Event, events.Event.name == "test.half")


def test_it_tries_less_and_less_often_then_gives_up_until_somebody_asks(world, work_once, consumers, travel):
    consumers(poison=fail)
    record(world.system(), "test.happened", provider(world))
    pauses = []
    for _ in range(jobs.TRIES - 1):
        work_once()
        work_once()  # too early: nothing happens
        [due] = world.rows(DueWork, DueWork.kind == outbox.DELIVERY)
        pauses.append(due.attempts)
        travel(seconds=jobs.LONGEST_PAUSE + 1)
    assert pauses == list(range(1, jobs.TRIES))
    work_once()
    [delivery] = world.rows(Delivery, Delivery.consumer == "test.poison")
    assert (delivery.state, delivery.attempts) == ("dead", jobs.TRIES)
    assert not world.rows(DueWork, DueWork.kind == outbox.DELIVERY)

    heard = []
    consumers(poison=lambda ctx, event: heard.append(event.name))
    jobs.revive_delivery(world.system(), delivery.id)
    work_once()
    [delivery] = world.rows(Delivery, Delivery.consumer == "test.poison")
    assert delivery.state == "done" and heard == ["test.happened"]


def test_reviving_what_is_not_dead_changes_nothing(world, work_once, consumers):
    heard = []
    consumers(ear=lambda ctx, event: heard.append(1))
    record(world.system(), "test.happened", provider(world))
    work_once()
    [delivery] = world.rows(Delivery, Delivery.consumer == "test.ear")
    jobs.revive_delivery(world.system(), delivery.id)
    work_once()
    assert heard == [1]


def test_the_pauses_double_up_to_ten_minutes():
    assert [jobs.pause_after(n).total_seconds() for n in (1, 2, 3, 7, 8, 1000)] == [5, 10, 20, 320, 600, 600]


def test_work_may_plan_itself_again(world, work_once, monkeypatch):
    done = []

    def again(ctx, piece):
        done.append(piece)
        outbox.schedule(ctx.session, ctx.provider_id, "again", piece, ctx.now + dt.timedelta(hours=1))

    monkeypatch.setitem(jobs._handlers, "again", again)
    one = provider(world)
    outbox.schedule(world.session, one.id, "again", one.id, world.system().now)
    work_once()
    assert done == [one.id]
    assert len(world.rows(DueWork, DueWork.kind == "again")) == 1


def test_other_due_work_that_fails_is_never_given_up(world, work_once, monkeypatch, travel):
    def broken(_ctx, _piece):
        raise RuntimeError

    monkeypatch.setitem(jobs._handlers, "broken", broken)
    one = provider(world)
    outbox.schedule(world.session, one.id, "broken", one.id, world.system().now)
    for _ in range(jobs.TRIES + 3):
        work_once()
        travel(seconds=jobs.LONGEST_PAUSE + 1)
    [due] = world.rows(DueWork, DueWork.kind == "broken")
    assert due.attempts == jobs.TRIES + 3


def test_a_consumer_that_is_gone_is_a_failure_not_a_crash(world, work_once, consumers, monkeypatch):
    consumers(ear=lambda ctx, event: None)
    record(world.system(), "test.happened", provider(world))
    monkeypatch.delitem(events.consumers_by_name, "test.ear")
    work_once()
    [delivery] = world.rows(Delivery, Delivery.consumer == "test.ear")
    assert delivery.last_error == "KeyError: 'test.ear'"


def test_a_run_ends_when_its_time_is_over_and_the_next_goes_on(world, work_once, consumers):
    heard = []
    consumers(ear=lambda ctx, event: heard.append(event.facts["n"]))
    for n in range(3):
        record(world.system(), "test.happened", provider(world), n=n)
    for n in range(3):
        jobs.queue().empty()
        assert work_once(seconds=0) == 1 and heard == list(range(n + 1)), "the piece in hand, and no other"
        assert jobs.queue().count == 1, "a worker is woken for the rest"
    jobs.queue().empty()
    assert work_once(seconds=0) == 0 and jobs.queue().count == 0


def test_a_run_that_fails_again_and_again_ends_and_the_next_goes_on(world, work_once, consumers, monkeypatch):
    monkeypatch.setattr(jobs, "FAILURES", 2)
    consumers(poison=fail)
    for n in range(3):
        record(world.system(), "test.happened", provider(world), n=n)
    for failed in (2, 3):
        jobs.queue().empty()
        work_once()
        assert [row.attempts for row in world.rows(Delivery)].count(1) == failed
    assert jobs.queue().count == 0


def test_a_run_that_was_warned_of_its_end_puts_the_piece_off_and_ends(world, work_once, consumers):
    """RQ interrupts a job after its time once; a run that went on would be killed without a word."""
    heard = []

    def slow(_ctx, event):
        if event.facts["n"] == 0:
            raise jobs.JobTimeout("180 seconds are over")
        heard.append(event.facts["n"])

    consumers(slow=slow)
    for n in range(2):
        record(world.system(), "test.happened", provider(world), n=n)
    assert work_once() == 0 and not heard
    assert [row.attempts for row in world.rows(Delivery, Delivery.consumer == "test.slow")].count(1) == 1
    assert jobs.queue().count == 1
    work_once()
    assert heard == [1]
