"""The unit of work: the only place that commits (tested). Requests, jobs and commands commit only here."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from portal.kernel.actor import Id
from portal.kernel.database import AnySession, tenancy_of

log = logging.getLogger(__name__)
AfterCommit = Callable[[], None]
# Who hears of each commit of a provider's work (`change_stamps`).
_announce: Callable[[Id], None] | None = None


def register_announcement(announce: Callable[[Id], None]) -> None:
    """Let *announce* hear the provider of each commit; it must not raise."""
    global _announce
    _announce = announce


def call_after_commit(session: AnySession, reaction: AfterCommit) -> None:
    """Call *reaction* after the commit of the current work. It may only wake workers, because the database is the
    ledger."""
    session.info.setdefault("after_commit", []).append(reaction)


def announce_nothing(session: AnySession) -> None:
    """Let the commit of the current work announce no change, because it changes nothing that pages of others ask for
    by the provider's stamp. What it does change is announced by a reaction of its own."""
    session.info["unannounced"] = True


def commit(session: AnySession) -> None:
    """Commit, then call the registered reactions. A reaction that fails is logged, because the sweep finds the work
    anyway."""
    provider_id = tenancy_of(session).provider_id
    unannounced = session.info.pop("unannounced", False)
    session.commit()
    if _announce is not None and provider_id is not None and not unannounced:
        _announce(provider_id)
    for reaction in session.info.pop("after_commit", []):
        try:
            reaction()
        except Exception:  # a wake-up must never turn a stored answer into an error
            log.warning("a wake-up after commit failed; the sweep will find the work", exc_info=True)


def roll_back(session: AnySession) -> None:
    """Roll back, and drop the registered reactions."""
    session.info.pop("after_commit", None)
    session.info.pop("unannounced", None)
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
