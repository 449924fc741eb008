"""The last-seen time is stored after the answer, in a transaction of its own that waits for nobody."""

import datetime as dt
import time

from portal.identity.models import BrowserSession


def long_ago(world) -> dt.datetime:
    row = world.rows(BrowserSession)[-1]
    row.last_seen_at -= dt.timedelta(minutes=5)
    return row.last_seen_at


def seen(world) -> dt.datetime:
    return world.rows(BrowserSession)[-1].last_seen_at


def test_a_get_is_noticed_by_a_commit_of_its_own(live):
    browser = live.client("rita")
    before = live.do(long_ago)
    browser.get("/me").close()
    assert live.do(seen) > before + dt.timedelta(minutes=4)


def test_somebody_who_holds_the_row_delays_no_answer(live):
    browser = live.client("mel")
    before = live.do(long_ago)
    with live.inside() as world:
        world.rows(BrowserSession)[-1].ip = "held"
        world.session.flush()
        started = time.monotonic()
        answer = browser.get("/me")
        answer.close()
        assert answer.status_code == 200
        assert time.monotonic() - started < 5
    assert live.do(seen) == before
