"""Rebuilding the index from what the cases hold: while the desk goes on, by a worker after an upgrade, by command."""

import datetime as dt
import threading

import pytest
from sqlalchemy import func, select, text, update

from portal.cases.actions import conversation
from portal.kernel import outbox
from portal.kernel.tokenizer import DOCUMENT_BYTES
from portal.search import actions, queries
from portal.search.models import SearchDocument, SearchNotes


def keys(ctx, question):
    return {case.key for case in queries.cases(ctx, question).rows}


def spoil(session):
    """Documents as PostgreSQL's parser made them before, marked by the migration."""
    session.execute(text("UPDATE search_documents SET public_words = to_tsvector('simple', 'old'), stale = true"))
    session.execute(text("UPDATE search_notes SET words = to_tsvector('simple', 'old')"))


@pytest.fixture
def spoken(world):
    """A case with a reply, an answer and a note, each with a name of its own."""
    case = world.open_case("rita", subject="Host srv-web01.acme.example", description="C:\\Temp\\a-b.log")
    world.reply(case, "Now 10.1.2.3 too")
    world.answer(case, "KB-2345 helps")
    world.note(case, "Vendor case INC-777-x")
    return case


def test_documents_are_made_from_what_the_case_holds(world, spoken):
    before = world.session.scalar(select(SearchDocument.updated_at).where(SearchDocument.case_id == spoken.id))
    spoil(world.session)
    assert not keys(world.ctx("rita"), "srv-web01")
    assert actions.rebuild_next(world.system()).done == 1
    for asked in ("srv-web01", "web01.acme", "temp/a-b.log", "10.1.2.3", "KB-2345", "kb2345"):
        assert keys(world.ctx("rita"), asked) == keys(world.ctx("ana", "staff"), asked) == {spoken.key}, asked
    assert keys(world.ctx("ana", "staff"), "inc-777") == {spoken.key}
    assert not keys(world.ctx("rita"), "inc-777") and not keys(world.ctx("ana", "staff"), "old")
    found = world.session.execute(select(SearchDocument.stale, SearchDocument.updated_at)).one()
    assert tuple(found) == (False, before)


def test_what_is_right_is_not_written_again(world, spoken):
    spoil(world.session)
    assert actions.rebuild_next(world.system()).done == 1
    places = text("SELECT d.ctid, n.ctid FROM search_documents d JOIN search_notes n USING (case_id)")
    rows = world.session.execute(places).all()
    assert actions.rebuild_next(world.system()).done == 1
    assert world.session.execute(places).all() == rows


def test_a_rebuilt_document_is_the_one_that_the_actions_wrote(world, spoken):
    words = select(SearchDocument.public_words, SearchDocument.people, SearchDocument.shared)
    written = world.session.execute(words).one()
    notes = world.session.scalar(select(SearchNotes.words))
    spoil(world.session)
    world.session.execute(update(SearchDocument).values(people=[], shared=not written.shared))
    actions.rebuild_next(world.system())
    assert world.session.execute(words).one() == written
    assert world.session.scalar(select(SearchNotes.words)) == notes


def test_a_lost_document_is_made(world, spoken):
    world.session.execute(text("DELETE FROM search_notes"))
    world.session.execute(text("DELETE FROM search_documents"))
    assert not keys(world.ctx("rita"), "srv-web01")
    assert actions.rebuild_next(world.system(), stale=True).done == 0
    assert actions.rebuild_next(world.system()).done == 1
    assert keys(world.ctx("rita"), "srv-web01") == keys(world.ctx("ana", "staff"), "inc-777") == {spoken.key}


def test_steps_go_through_all_cases_of_one_provider(world, as_user):
    made = sorted(world.open_case("rita", subject=f"node-{n}").id for n in range(5))
    spoil(world.session)
    last, seen = None, []
    while (batch := actions.rebuild_next(world.system(), last, size=2)).done:
        seen.append((batch.done, batch.last))
        last = batch.last
    assert seen == [(2, made[1]), (2, made[3]), (1, made[4])]
    assert actions.rebuild_next(world.system(world.southgate)).done == 0
    assert len(keys(world.ctx("rita"), "node")) == 5


def test_the_worker_rebuilds_what_a_migration_marked(world, run_outbox):
    for n in range(3):
        world.open_case("rita", subject=f"node-{n}")
    run_outbox()
    spoil(world.session)
    outbox.schedule(world.session, world.northwind.id, actions.REBUILD, world.northwind.id, world.system().now)
    run_outbox()
    assert len(keys(world.ctx("rita"), "node")) == 3
    kinds = select(func.count()).select_from(outbox.DueWork).where(outbox.DueWork.kind == actions.REBUILD)
    assert world.session.scalar(kinds) == 0


def test_a_full_document_loses_no_reply(world):
    """What does not fit is not found; the message is there, and the case stands where its last word puts it."""
    case = world.open_case("rita", subject="first")
    rows = "SELECT array_agg('w' || lpad(n::text, 150, '0')) FROM generate_series(1, 6400) n"
    world.session.execute(
        text(f"UPDATE search_documents SET public_words = public_words || array_to_tsvector(({rows}))")
    )
    size = world.session.scalar(text("SELECT pg_column_size(public_words || ''::tsvector) FROM search_documents"))
    assert DOCUMENT_BYTES - 20_000 < size < DOCUMENT_BYTES
    world.reply(case, "small fits")
    world.reply(case, " ".join(f"word{n}" for n in range(6000)))
    world.answer(case, "afterwards too")
    world.note(case, "noted")
    assert keys(world.ctx("rita"), "fits") == keys(world.ctx("rita"), "afterwards") == {case.key}
    assert not keys(world.ctx("rita"), "word77")
    assert len(world.messages_of(case)) == 4
    moment = world.session.scalar(select(SearchDocument.updated_at))
    assert abs(moment - world.case(case.key).updated_at) < dt.timedelta(seconds=5)


# -- with real commits ------------------------------------------------------------------------------------------------


def test_the_command_says_how_far_it_is_and_waits_for_who_is_writing(live):
    """A reply that is being written when its case comes up is not waited for, not lost, and taken at the end."""
    with live.inside() as world:
        cases = [world.open_case("rita", subject=f"node-{n}") for n in range(3)]
        ids, names = [case.id for case in cases], {case.key for case in cases}
        spoil(world.session)
    written, done = threading.Event(), threading.Event()

    def write():
        with live.inside() as world:
            case = world.reload(world.case(sorted(names)[1]))
            conversation.reply(world.ctx("rita", "contact"), case, body="from srv-late01")
            world.session.flush()
            written.set()
            done.wait(2)

    writer = threading.Thread(target=write)
    writer.start()
    assert written.wait(20)
    with live.inside() as world:
        batch = actions.rebuild(world.system(), ids)
        assert (batch.done, batch.busy) == (2, [ids[1]])
    answer = live.app.test_cli_runner().invoke(args=["search", "rebuild", "--host", world.northwind.host])
    writer.join()
    assert answer.exit_code == 0, answer.output
    assert "3 of 3 cases" in answer.output
    with live.inside() as world:
        assert keys(world.ctx("rita"), "srv-late01") == {sorted(names)[1]}
        assert keys(world.ctx("rita"), "node") == names
        assert not world.session.scalar(select(func.count()).where(SearchDocument.stale))


def test_the_command_refuses_a_host_that_nobody_has(live):
    answer = live.app.test_cli_runner().invoke(args=["search", "rebuild", "--host", "nobody.example"])
    assert answer.exit_code == 1 and "nobody.example leads to no provider." in answer.output
