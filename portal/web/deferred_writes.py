"""Observations of a request (last seen, what was read) are stored after the answer, in a transaction of their own.

A GET changes nothing by itself; an observation that cannot be stored is logged and does not affect the answer.
"""

import logging
from collections.abc import Callable
from dataclasses import replace

from flask import Flask, Response, g
from sqlalchemy import text

from portal.kernel import uow
from portal.kernel.context import Context
from portal.kernel.database import Tenancy, bind, db
from portal.web import current

log = logging.getLogger(__name__)
DeferredWrite = Callable[[Context], None]
# An observation does not wait for locks, because it matters less than the work that holds them.
LOCK_MILLISECONDS = 200


def defer_write(observation: DeferredWrite) -> None:
    """Call *observation* once the answer was sent, with a context whose session is its own."""
    g.setdefault("deferred_writes", []).append(observation)


def register_deferred_writes(app: Flask) -> None:
    """Store the observations of each request after its answer."""

    @app.after_request
    def plan(response: Response) -> Response:
        noted = g.pop("deferred_writes", None)
        if noted:
            seen = current.ctx()
            response.call_on_close(lambda: run_deferred_writes(app, seen, noted))
        return response


def run_deferred_writes(app: Flask, seen: Context, noted: list[DeferredWrite]) -> None:
    """Store each of *noted* in its own transaction, as the actor of *seen*. The request and its session have ended."""
    for observation in noted:
        try:
            with app.app_context():
                bind(db.session, Tenancy.of(seen.actor))
                with uow.unit_of_work(db.session):
                    db.session.execute(text(f"SET LOCAL lock_timeout = '{LOCK_MILLISECONDS}ms'"))
                    observation(replace(seen, session=db.session, person=None, provider=None, caches={}))
        except Exception:
            log.warning("an observation could not be stored", exc_info=True)
