"""What is deleted when its time is over: one table of kinds, pruned by a periodic job.

A kind is registered with its days (a setting) and a function that deletes at most so many rows of one provider that
are older than a moment. Cases, messages, events and people are in no kind: they stay.
"""

import datetime as dt
import logging
import time
from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import delete, select
from sqlalchemy.sql import ColumnElement

from portal.kernel import clock, jobs, outbox, uow
from portal.kernel.actor import Id
from portal.kernel.context import Context
from portal.kernel.database import db
from portal.kernel.system_context import create_system_context

log = logging.getLogger(__name__)

# Deletes at most a number of rows of the context's provider that are older than a moment; returns how many it deleted.
Prune = Callable[[Context, dt.datetime, int], int]
BATCH = 1_000
PRUNE_JOB = "portal.kernel.retention.prune"
_kinds: dict[str, Prune] = {}
_days: dict[str, int] = {}
_list_providers: Callable[[], Iterable[Id]] | None = None


def register_retention(
    kinds: Mapping[str, Prune], days: Mapping[str, int], list_providers: Callable[[], Iterable[Id]]
) -> None:
    """Let `prune` delete *kinds* after their *days*. Raises ValueError where a kind has no days, or days no kind."""
    if set(kinds) != set(days):
        raise ValueError(f"retention: {sorted(set(kinds) ^ set(days))} have only one of function and setting")
    global _list_providers
    _kinds.clear()
    _kinds.update(kinds)
    _days.clear()
    _days.update(days)
    _list_providers = list_providers


def days_of(kind: str) -> int:
    """After how many days rows of *kind* are deleted; 0: never."""
    return _days[kind]


def prune() -> dict[str, int]:
    """Delete of every provider what is older than its kind's days; returns how many rows by kind.

    Each batch is a transaction of its own, so a run that is killed has done what it did. A run that has taken
    `jobs.RUN_SECONDS` leaves the rest to the next one, which begins at once. 0 days keep a kind for ever.
    """
    db.session.remove()
    ends = time.monotonic() + jobs.RUN_SECONDS
    deleted = dict.fromkeys(_kinds, 0)
    for provider_id in list(_list_providers() if _list_providers else ()):
        for kind, days in _days.items():
            if days > 0:
                deleted[kind] += _prune_kind(provider_id, kind, dt.timedelta(days=days), ends)
    if time.monotonic() >= ends:
        jobs.wake_job(PRUNE_JOB)
    if any(deleted.values()):
        log.info("pruned", extra={"deleted": deleted})
    return deleted


def _prune_kind(provider_id: Id, kind: str, age: dt.timedelta, ends: float) -> int:
    """Delete batch after batch until nothing is left, or until *ends* (monotonic)."""
    total = 0
    while time.monotonic() < ends:
        with uow.unit_of_work(db.session):
            count = _kinds[kind](create_system_context(provider_id), clock.now() - age, BATCH)
        db.session.remove()
        total += count
        if count < BATCH:
            break
    return total


def delete_rows(ctx: Context, model: type, limit: int, *conditions: ColumnElement[bool]) -> int:
    """Delete at most *limit* rows of *model* at the context's provider under *conditions*; returns how many."""
    own = select(model.id).where(model.provider_id == ctx.provider_id, *conditions).limit(limit)  # type: ignore[attr-defined]
    found = ctx.session.execute(
        delete(model).where(model.id.in_(own)).execution_options(synchronize_session=False)  # type: ignore[attr-defined]
    )
    return int(found.rowcount)  # type: ignore[attr-defined]


def delete_done_deliveries(ctx: Context, before: dt.datetime, limit: int) -> int:
    """Delete what was delivered before *before*; what waits and what was given up stays."""
    row = outbox.Delivery
    return delete_rows(ctx, row, limit, row.state == "done", row.done_at < before)
