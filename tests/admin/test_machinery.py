"""What was mailed and what the worker could not do: seen and mended by those who may, of their own provider only."""

import pytest

from portal.identity import actions as identity
from portal.identity.models import User
from portal.kernel import events
from portal.kernel.events import record
from portal.kernel.ids import new_id
from portal.kernel.outbox import Delivery
from portal.notifications import mail_sink, mime
from portal.notifications.models import OutgoingMail
from portal.tenants.models import Provider
from tests.support import acting


@pytest.fixture
def mailed(world, run_outbox):
    """Two mails: Cora's receipt, and Jan's."""
    world.open_case("cora", contact="jan", subject="Scanner offline")
    run_outbox()
    return {row.recipient.partition("@")[0]: row for row in world.rows(OutgoingMail)}


@pytest.fixture
def dead(world, monkeypatch):
    """A delivery that was given up."""
    monkeypatch.setitem(events._consumers, "test.happened", ("test.poison",))
    event = record(world.system(), "test.happened", world.row(Provider, world.northwind))
    [delivery] = world.rows(Delivery, Delivery.event_id == event.id)
    delivery.state, delivery.attempts, delivery.last_error = "dead", 8, "OperationalError: the server was gone"
    world.session.flush()
    return delivery


def test_the_administrator_sees_what_was_mailed(as_user, mailed):
    page = as_user("ada").get("/admin/mail").page
    assert "cora@acme.example" in page.text and "Scanner offline" in page.text and "Waiting" in page.text
    shown = as_user("ada").get(f"/admin/mail/{mailed['jan'].id}").page
    assert "told us about this for you" in shown.text and not shown.all("blockquote", style=True)


@pytest.mark.parametrize(
    "query,seen",
    [
        ("state=queued", True),
        ("state=sent", False),
        ("to=CORA", True),
        ("to=nobody", False),
        ("to=%25", False),
        ("state=x", True),
        ("page=99999999999", False),
        ("page=x", True),
        ("to=%00", True),
    ],
)
def test_the_list_is_filtered_and_bad_filters_harm_nobody(as_user, mailed, query, seen):
    answer = as_user("ada").get(f"/admin/mail?{query}")
    assert answer.status_code == 200 and ("cora@acme.example" in answer.page.text) == seen


@pytest.mark.parametrize(
    "who,status", [("ana", 403), ("lee", 403), ("pat", 403), ("aud", 403), ("rita", 403), ("sue", 404)]
)
def test_nobody_else_sees_mails(as_user, mailed, who, status):
    assert as_user(who).get(f"/admin/mail/{mailed['jan'].id}").status_code == status
    if status == 403:
        assert as_user(who).get("/admin/mail").status_code == 403
    else:
        assert "Scanner offline" not in as_user(who).get("/admin/mail").page.text


def test_an_administrator_who_is_excluded_from_a_case_sees_none_of_its_mails(world, as_user, mailed):
    case = world.case("ACME-1")
    world.exclude(case, "ada")
    assert "Scanner offline" not in as_user("ada").get("/admin/mail").page.text
    assert as_user("ada").get(f"/admin/mail/{mailed['jan'].id}").status_code == 404


@pytest.mark.parametrize("wrong", ["x", "0", "%00", "a" * 400])
def test_what_is_no_mail_and_no_job_is_not_found(as_user, wrong):
    for path in (f"/admin/mail/{wrong}", f"/admin/mail/{new_id()}", f"/admin/jobs/{wrong}/run-again"):
        assert as_user("ada").get(path).status_code == 404


def test_links_that_let_somebody_in_are_hidden_but_in_the_demo(world, as_user, run_outbox, monkeypatch):
    identity.invite(world.ctx("olga"), world.row(User, world.jan))
    run_outbox()
    [row] = world.rows(OutgoingMail)
    token = mime.fill_link(row, row.text).partition("/invite/")[2].split()[0]
    hidden = as_user("ada").get(f"/admin/mail/{row.id}").get_data(as_text=True)
    assert token not in hidden and "/invite/…" in hidden
    monkeypatch.setattr(world.app.config["PARLEY"], "parley_mail_sink", True)
    assert token in as_user("ada").get(f"/admin/mail/{row.id}").get_data(as_text=True)


def test_it_says_what_the_demos_sink_received(world, as_user, mailed, monkeypatch, tmp_path):
    monkeypatch.setattr(world.app.config["PARLEY"], "parley_mail_sink", True)
    monkeypatch.setattr(world.app.config["PARLEY"], "parley_data", tmp_path)
    path = f"/admin/mail/{mailed['jan'].id}"
    assert "Received by the demo" not in as_user("ada").get(path).page.text
    mail_sink.store(tmp_path, mime.build_message(world.system(), mailed["jan"], "Jan").as_bytes())
    assert "Received by the demo" in as_user("ada").get(path).page.text


def test_a_mail_in_another_providers_shape_is_shown_harmless(as_user, mailed):
    mailed[
        "jan"
    ].html = (
        '<script>alert(1)</script><a href="javascript:x" onclick="y">z</a><form action="/x"></form><b style="a">b</b>'
    )
    page = as_user("ada").get(f"/admin/mail/{mailed['jan'].id}").page
    assert "alert(1)" not in page.text and not page.all("a", href="javascript:x") and not page.all("form", action="/x")


def test_a_dead_mail_is_sent_again_once(world, as_user, mailed):
    row = mailed["jan"]
    assert as_user("ada").post(f"/admin/mail/{row.id}/send-again").status_code == 409
    row.state, row.last_error = "dead", "550 no such user"
    world.session.flush()
    page = as_user("ada").get(f"/admin/mail/{row.id}").page
    assert "The mail server permanently refused this email." in page.text
    assert as_user("ada").get(f"/admin/mail/{row.id}/send-again").status_code == 200 and row.state == "dead"
    assert as_user("ada").submit(page.form(f"/admin/mail/{row.id}/send-again")).status_code == 303
    assert row.state == "queued"
    assert [e.actor_user_id for e in world.rows(events.Event, events.Event.name == "mail.sent_again")] == [world.ada.id]


@pytest.mark.parametrize(
    ("stored", "sentence"),
    [
        ("refused 550 5.7.1 Not from you", "The mail server permanently refused this email."),
        ("postponed 451 4.7.1 Greylisted", "The mail server refused this email for now."),
        ("dropped ", "The server ended the connection."),
        ("busy 429", "The server is busy and asks to try again later."),
    ],
)
def test_a_refusal_of_the_server_of_a_mailbox_is_no_error_of_ours(world, as_user, mailed, stored, sentence):
    row = mailed["jan"]
    row.state, row.last_error = "dead", stored
    world.session.flush()
    text = as_user("ada").get(f"/admin/mail/{row.id}").page.text
    assert sentence in text and "error in Parley" not in text


def test_without_a_mail_server_the_page_says_that_mails_wait(world, as_user, mailed, monkeypatch):
    assert "no mail server" in as_user("ada").get("/admin/mail").page.text
    monkeypatch.setattr(world.app.config["PARLEY"], "smtp_url", "smtp://127.0.0.1:1")
    assert "no mail server" not in as_user("ada").get("/admin/mail").page.text


def test_what_was_given_up_is_shown_with_its_cause_and_runs_again(world, as_user, dead, monkeypatch):
    heard = []
    page = as_user("pat").get("/admin/jobs").page
    assert "The database was not available." in page.text and "No worker is running" in page.text
    assert as_user("pat").submit(page.form(f"/admin/jobs/{dead.id}/run-again")).status_code == 303
    assert dead.state == "pending"
    monkeypatch.setitem(events.consumers_by_name, "test.poison", lambda ctx, event: heard.append(event.name))
    with acting.pause_count():
        held = acting.store_held_rows(world.session)
    acting.work_due(world.app)
    acting.reload_held_rows(world.session, held, world.home)
    assert heard == ["test.happened"] and dead.state == "done"
    assert as_user("pat").post(f"/admin/jobs/{dead.id}/run-again").status_code == 409


@pytest.mark.parametrize("state", ["dead", "pending"])
def test_a_job_that_failed_without_a_word_is_shown_like_the_others(world, as_user, dead, state):
    """A worker that was killed leaves an attempt and no error."""
    dead.state, dead.last_error = state, None
    world.session.flush()
    assert as_user("pat").get("/admin/jobs").status_code == 200
    assert as_user("pat").get(f"/admin/jobs/{dead.id}/run-again").status_code == 200


@pytest.mark.parametrize("who,status", [("ana", 403), ("lee", 403), ("aud", 403), ("olga", 403), ("sue", 404)])
def test_nobody_else_sets_jobs_going(as_user, dead, who, status):
    assert as_user(who).post(f"/admin/jobs/{dead.id}/run-again").status_code == status
    assert dead.state == "dead"
    assert as_user(who).get("/admin/jobs").status_code == (403 if status == 403 else 200)


def test_somebody_who_configures_but_sees_no_case_sees_no_mail_among_the_jobs(world, as_user, mailed):
    mailed["jan"].state = "dead"
    world.session.flush()
    assert "jan@acme.example" in as_user("ada").get("/admin/jobs").page.text
    assert "jan@acme.example" not in as_user("pat").get("/admin/jobs").page.text


def test_a_redis_that_does_not_answer_is_said(as_user, monkeypatch):
    from redis import ConnectionError

    from portal.kernel import jobs

    def gone():
        raise ConnectionError("gone")

    monkeypatch.setattr(jobs, "redis", gone)
    assert "Redis does not answer" in as_user("ada").get("/admin/jobs").page.text


def test_the_lists_cost_the_same_however_long_they_are(world, as_user, mailed, run_outbox, statements):
    ada = as_user("ada")
    counts = []
    for _ in range(2):
        for path in ("/admin/mail", "/admin/jobs"):
            ada.get(path)
            with statements() as seen:
                ada.get(path)
            counts.append(len(seen))
        for _n in range(3):
            world.open_case("rita")
        run_outbox()
    assert counts[:2] == counts[2:]
