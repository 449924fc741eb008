"""The unit of work: the only place that commits (tested). Requests, jobs and commands end here or not at all."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from portal.kernel.database import AnySession

log = logging.getLogger(__name__)
AfterCommit = Callable[[], None]


def call_after_commit(session: AnySession, reaction: AfterCommit) -> None:
    """Call *reaction* once the current work is safely stored. It must only wake somebody: the ledger is the
    database."""
    session.info.setdefault("after_commit", []).append(reaction)


def commit(session: AnySession) -> None:
    """Store the work, then run what waits for it. A failing wake-up is logged: the sweep finds the work anyway."""
    session.commit()
    for reaction in session.info.pop("after_commit", []):
        try:
            reaction()
        except Exception:  # a wake-up must never turn a stored answer into an error
            log.warning("a wake-up after commit failed; the sweep will find the work", exc_info=True)


def roll_back(session: AnySession) -> None:
    """Forget the work and whatever waited for it."""
    session.info.pop("after_commit", None)
    session.rollback()


@contextmanager
def unit_of_work(session: AnySession) -> Iterator[None]:
    """Commit what happens inside, or nothing of it."""
    try:
        yield
        commit(session)
    except BaseException:
        roll_back(session)
        raise
