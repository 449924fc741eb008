"""What tests of the outbox need beside the world: one honest turn of the worker."""

from collections.abc import Callable
from functools import partial

import pytest

from portal.kernel import jobs
from portal.kernel.database import db
from tests.support import acting


@pytest.fixture
def work_once(world) -> Callable[..., int]:
    """One turn of the worker, failures postponed as in earnest."""

    def work(**more: float) -> int:
        with acting.pause_count():
            held = acting.store_held_rows(db.session)
        try:
            return acting.run_in_new_context(world.app, partial(jobs.work_due, **more))
        finally:
            with acting.pause_count():
                acting.reload_held_rows(db.session, held, world.home)

    return work
