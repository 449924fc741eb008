"""The unit of work: the only place that commits (tested). Requests, jobs and commands commit only here."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from portal.kernel.database import AnySession

log = logging.getLogger(__name__)
AfterCommit = Callable[[], None]


def call_after_commit(session: AnySession, reaction: AfterCommit) -> None:
    """Call *reaction* after the commit of the current work. It may only wake workers, because the database is the
    ledger."""
    session.info.setdefault("after_commit", []).append(reaction)


def commit(session: AnySession) -> None:
    """Commit, then call the registered reactions. A reaction that fails is logged, because the sweep finds the work
    anyway."""
    session.commit()
    for reaction in session.info.pop("after_commit", []):
        try:
            reaction()
        except Exception:  # a wake-up must never turn a stored answer into an error
            log.warning("a wake-up after commit failed; the sweep will find the work", exc_info=True)


def roll_back(session: AnySession) -> None:
    """Roll back, and drop the registered reactions."""
    session.info.pop("after_commit", None)
    session.rollback()


@contextmanager
def unit_of_work(session: AnySession) -> Iterator[None]:
    """Commit the work of the block, or roll all of it back."""
    try:
        yield
        commit(session)
    except BaseException:
        roll_back(session)
        raise
