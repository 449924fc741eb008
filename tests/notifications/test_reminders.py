"""A question that is not answered is asked about again, after three days and after seven, and then no more."""

import pytest

from portal.cases.actions import conversation, desk, people
from portal.identity.actions import set_password
from portal.identity.models import User
from portal.identity.queries import password_of
from portal.notifications.models import OutgoingMail
from tests.notifications.test_mails import SITE, lines


@pytest.fixture
def waiting(world, run_outbox):
    case = world.case_in("waiting", by="cora", contact="jan", subject="Scanner offline")
    run_outbox()
    return case


def reminders(world, run_outbox) -> list[OutgoingMail]:
    run_outbox()
    return world.rows(OutgoingMail, OutgoingMail.kind == "reminder")


def test_contact_and_reporter_are_reminded_twice(world, waiting, travel, run_outbox):
    travel(days=3, minutes=-1)
    assert not reminders(world, run_outbox)
    travel(minutes=2)
    mails = reminders(world, run_outbox)
    assert sorted(mail.recipient for mail in mails) == ["cora@acme.example", "jan@acme.example"]
    mail = mails[0]
    assert mail.subject == f"Still waiting for your answer: Scanner offline [{waiting.key}]"
    assert "Which browser do you use?" in lines(mail)
    assert any(line.startswith(f"{world.ana.name} asked on ") for line in lines(mail))
    by_reader = {one.recipient.partition("@")[0]: one for one in mails}
    for name in ("cora", "jan"):
        can_sign_in = password_of(world.system(), world.person(name).id) is not None
        assert (f"/cases/{waiting.key}/close" in by_reader[name].html) == can_sign_in
    travel(days=4)
    assert len(reminders(world, run_outbox)) == 4
    travel(days=60)
    assert len(reminders(world, run_outbox)) == 4
    assert world.event_names(waiting).count("case.reminded") == 2
    assert world.reload(waiting).state == "waiting"


def test_who_can_sign_in_closes_the_case_where_no_answer_is_needed(world, travel, run_outbox):
    case = world.case_in("waiting", by="rita")
    set_password(world.system(), world.row(User, world.rita), "a fresh pass phrase")
    run_outbox()
    travel(days=3, minutes=1)
    [mail] = reminders(world, run_outbox)
    assert f"No answer needed any more? Close the case: {SITE}/cases/{case.key}/close" in lines(mail)
    assert f"{SITE}/cases/{case.key}/close" in mail.html


def test_an_answer_ends_it_and_another_question_begins_anew(world, waiting, travel, run_outbox):
    travel(days=1)
    world.reply(waiting, "Firefox.", by="jan")
    travel(days=4)
    assert not reminders(world, run_outbox)
    desk.ask(world.ctx("ana"), world.reload(waiting), question="Which version?")
    travel(days=2)
    assert not reminders(world, run_outbox)
    travel(days=1, minutes=1)
    mails = reminders(world, run_outbox)
    assert mails and all("Which version?" in mail.text and "Which browser" not in mail.text for mail in mails)


def test_a_word_of_support_meanwhile_does_not_hide_the_question(world, waiting, travel, run_outbox):
    conversation.answer(world.ctx("ana"), waiting, body="Take your time.")
    travel(days=3, minutes=1)
    assert all("Which browser" in mail.text for mail in reminders(world, run_outbox))


def test_after_a_long_stop_of_the_worker_there_is_one_reminder(world, waiting, travel, run_outbox):
    travel(days=30)
    assert len(reminders(world, run_outbox)) == 2
    assert world.event_names(waiting).count("case.reminded") == 1
    travel(days=60)
    assert len(reminders(world, run_outbox)) == 2


def test_a_case_that_ended_or_moved_on_reminds_nobody(world, waiting, travel, run_outbox):
    desk.start(world.ctx("ana"), waiting)
    travel(days=8)
    assert not reminders(world, run_outbox)


def test_who_may_not_see_the_case_any_more_is_not_reminded(world, waiting, travel, run_outbox):
    people.exclude(world.ctx("ana"), waiting, world.cora.id)
    travel(days=3, minutes=1)
    mails = reminders(world, run_outbox)
    assert [mail.recipient for mail in mails] == ["jan@acme.example"]
    # Somebody is kept out of it: the mail carries a link only.
    assert "Which browser" not in mails[0].text and "Scanner" not in mails[0].subject
