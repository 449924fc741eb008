"""Parley with one more consumer, for tests that kill processes: it is slow, and doing it twice would show.

Each delivery of `test.counted` takes a while in the middle of its transaction and writes one `test.done` event.
"""

import time
from collections.abc import Mapping

from portal import schedule, wiring
from portal.factory import create_app as create_parley
from portal.kernel.context import Context
from portal.kernel.events import Event, record

SECONDS = 0.02


def count(ctx: Context, event: Event) -> None:
    """Nothing makes this idempotent but the outbox."""
    record(ctx, "test.done", event, n=event.facts["n"])
    time.sleep(SECONDS)


# What consumer_name reads: as if a feature called `test` had it.
count.__module__ = "portal.test"


def poison(_ctx: Context, _event: Event) -> None:
    raise ValueError("always")


poison.__module__ = "portal.test"

CONSUMERS: Mapping[str, object] = {"test.counted": [poison, count]}


def create_app():
    """For `flask --app tests.kernel.counting_app`; sweeps each second instead of each 15."""
    wiring.CONSUMERS = {**wiring.CONSUMERS, **CONSUMERS}
    schedule.TABLE = dict.fromkeys(schedule.TABLE, 1)
    return create_parley()
