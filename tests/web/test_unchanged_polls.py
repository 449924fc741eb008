"""Polls of which nothing can have changed: no statement, never an older answer, never somebody else's."""

import pytest
from redis import RedisError
from sqlalchemy import event

from portal.cases.actions import conversation, people
from portal.cases.queries.detail import by_id
from portal.identity.actions.sessions import end_sessions
from portal.identity.models import User
from portal.kernel import change_stamps, jobs

POLLS = {"ana": "/desk/tick", "rita": "/tick"}


@pytest.fixture
def statements(live):
    """Count what the application asks the database in a block."""
    seen = []
    with live.app.app_context():
        from portal.kernel.database import db

        engine = db.engine
    notice = lambda _connection, _cursor, text, *_rest: seen.append(text)  # noqa: E731
    event.listen(engine, "before_cursor_execute", notice)
    yield seen
    event.remove(engine, "before_cursor_execute", notice)


def answer(world, case_id):
    conversation.answer(world.ctx("ana"), by_id(world.system(), case_id), body="It works again.")


def exclude(world, case_id, person):
    people.exclude(world.ctx("cora", "contact"), by_id(world.system(), case_id), person=person)


def poll(browser, path, tag=""):
    return browser.get(path, headers={"If-None-Match": tag} if tag else {})


@pytest.mark.parametrize("who", POLLS)
def test_a_known_answer_is_given_again_without_the_database(live, statements, who):
    browser, path = live.client(who), POLLS[who]
    tag = poll(browser, path).headers["ETag"]
    poll(browser, path, tag)
    statements.clear()
    again = poll(browser, path, tag)
    assert again.status_code == 304 and not again.data and not statements
    assert again.headers["Cache-Control"] == "no-store" and again.headers["ETag"] == tag
    assert poll(browser, path).status_code == 200 and statements, "without a tag somebody looks"
    statements.clear()
    poll(browser, path + "?case=01890000-0000-7000-8000-000000000000", tag)
    assert statements, "another question is another answer"


@pytest.mark.parametrize("who", POLLS)
def test_every_commit_of_the_provider_is_seen_by_the_next_poll(live, who):
    browser, path = live.client(who), POLLS[who]
    case = live.do(lambda world: world.open_case("rita", severity=1).id)
    live.work_due()
    tag = poll(browser, path).headers["ETag"]
    assert poll(browser, path, tag).status_code == 304
    if who == "ana":
        live.do(lambda world: world.open_case("rita"))
    else:
        live.do(
            lambda world: conversation.answer(world.ctx("ana"), by_id(world.system(), case), body="It works again.")
        )
        live.work_due()  # the bell rings in a transaction of its own
    assert poll(browser, path, tag).status_code == 200


def test_nobody_gets_the_answer_of_somebody_else(live, statements):
    ana, lee, nobody = live.client("ana"), live.client("lee"), live.client()
    tag = poll(ana, "/desk/tick").headers["ETag"]
    assert poll(ana, "/desk/tick", tag).status_code == 304
    statements.clear()
    poll(lee, "/desk/tick", tag)
    assert statements, "the tag of somebody else is no reason not to look"
    signed_out = nobody.get("/desk/tick", headers={"If-None-Match": tag, "Accept": "application/json"})
    assert signed_out.status_code == 401


def test_who_signs_out_or_loses_the_desk_is_told_so_by_the_next_poll(live):
    ana = live.client("ana")
    tag = poll(ana, "/desk/tick").headers["ETag"]
    assert poll(ana, "/desk/tick", tag).status_code == 304
    live.do(lambda world: end_sessions(world.ctx("ana"), world.row(User, world.ana)))
    answer = ana.get("/desk/tick", headers={"If-None-Match": tag, "Accept": "application/json"})
    assert answer.status_code == 401


def test_who_loses_sight_of_a_case_reads_so_at_the_next_poll(live):
    case = live.do(lambda world: world.open_case("cora", contact="jan", visibility="shared", severity=1).id)
    live.do(lambda world: answer(world, case))
    mel = live.client("mel")
    path = f"/tick?case={case}&last=01890000-0000-7000-8000-000000000000"
    before = poll(mel, path)
    live.do(
        lambda world: people.exclude(
            world.ctx("cora", "contact"), by_id(world.system(), case), person="mel@acme.example"
        )
    )
    after = poll(mel, path, before.headers["ETag"])
    assert after.status_code == 200 and after.json["messages"] == 0 < before.json["messages"]


def test_another_provider_s_work_changes_nothing(live, statements):
    ana = live.client("ana")
    tag = poll(ana, "/desk/tick").headers["ETag"]
    poll(ana, "/desk/tick", tag)
    change_stamps.announce_change(live.world.southgate.id)
    statements.clear()
    assert poll(ana, "/desk/tick", tag).status_code == 304 and not statements


def test_without_redis_everybody_looks(live, statements, monkeypatch):
    ana = live.client("ana")
    tag = poll(ana, "/desk/tick").headers["ETag"]

    class Gone:
        def __getattr__(self, name):
            raise RedisError("gone")

    monkeypatch.setattr(jobs, "_redis", Gone())
    monkeypatch.setattr(jobs, "_left_alone_until", 0.0)
    statements.clear()
    assert poll(ana, "/desk/tick", tag).status_code == 304 and statements
    assert jobs._left_alone_until > 0, "a Redis that does not answer is not asked again by every poll"
