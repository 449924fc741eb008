"""The clock never waits for a case that a person is writing on: both would wait for each other."""

import datetime as dt

import psycopg
import pytest
from sqlalchemy import text

from portal.cases import jobs
from portal.cases.actions import timers, transitions
from portal.cases.models import Case
from portal.kernel.outbox import DueWork

pytestmark = pytest.mark.crash
LATER = dt.timedelta(days=30)


@pytest.mark.parametrize(
    ("state", "kind", "work", "then"),
    [
        ("resolved", transitions.AUTO_CLOSE, jobs.close_settled_case, "closed"),
        ("on_hold", transitions.WAKE, jobs.wake_held_case, "in_progress"),
        ("waiting", transitions.REMIND, jobs.remind_of_question, "waiting"),
    ],
)
def test_a_case_that_is_being_written_is_looked_at_again(live, state, kind, work, then):
    with live.inside() as world:
        case_id = world.case_in(state).id
    with psycopg.connect(live.engines.url(live.name, "postgres")) as person:
        person.execute("SELECT id FROM cases WHERE id = %s FOR UPDATE", [case_id])
        with live.inside() as world:
            ctx = world.system()
            ctx.now += LATER
            ctx.session.execute(text("SET LOCAL lock_timeout = '2s'"))
            work(ctx, case_id)
            row = ctx.session.get(DueWork, (ctx.provider_id, kind, case_id), populate_existing=True)
            assert row.due_at == ctx.now + timers.BUSY_PAUSE
            assert world.row(Case, case_id).state == state
    with live.inside() as world:
        ctx = world.system()
        ctx.now += LATER
        work(ctx, case_id)
        assert world.row(Case, case_id).state == then
