"""A customer whose answer by mail is no part of the case learns it, and nothing of the case; support hears of it."""

import pytest

from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.channels.mail.rules import IntakeRules
from portal.notifications.models import Notification, OutgoingMail
from tests.channels.mail.test_intake import SUPPORT, Post, fate

TOLD = "Your email was not added to a case"


@pytest.fixture
def post(world):
    add_mailbox(world.system(), SUPPORT)
    return Post(world)


def told(world, who="rita"):
    rows = world.rows(OutgoingMail, OutgoingMail.user_id == world.person(who).id, OutgoingMail.kind == "reply_stopped")
    return list(rows)


def excluded(post, world):
    case = world.case_in("open", by="rita", subject="Secret of Olga", visibility="shared")
    world.put_in_copy(case, "mel@acme.example")
    sent = post.sent(case, "mel")
    world.exclude(world.reload(case), "mel")
    return case, "mel", sent


def withdrawn(post, world):
    case = world.case_in("open", by="rita", subject="Secret of Olga")
    world.put_in_copy(case, "mel@acme.example")
    sent = post.sent(case, "mel")
    world.session.delete(world.reload(case).grants[0])
    world.session.flush()
    return case, "mel", sent


def closed(post, world):
    case = world.case_in("closed", by="rita", subject="Secret of Olga")
    world.system().provider.after_close = "refuse"
    world.session.flush()
    return case, "rita", post.sent(case, "rita")


@pytest.mark.parametrize("history", [excluded, withdrawn, closed])
def test_the_sender_learns_that_it_was_not_added_and_nothing_else(post, world, run_outbox, history):
    case, who, sent = history(post, world)
    row = post.send(who, "Once more", Subject="Re: my words", In_Reply_To=sent)
    assert row.fate == "quarantine" and row.case_id == case.id, row.facts
    run_outbox()
    [mail] = told(world, who)
    assert mail.subject == TOLD and "Re: my words" in mail.text and mail.case_id is None
    for secret in (case.key, "Secret of Olga", "closed", "excluded", "access"):
        assert secret not in mail.text + mail.html, secret


def test_the_owner_hears_of_it_and_once_a_day_the_sender(post, world, run_outbox):
    case, who, sent = withdrawn(post, world)
    for text in ("Once", "Twice"):
        post.send(who, text, In_Reply_To=sent)
    run_outbox()
    assert len(told(world, who)) == 1
    events = [event for event in world.events_of(case) if event.name == "case.reply_stopped"]
    assert [event.facts["user"] for event in events] == [str(world.mel.id)] * 2
    bells = [row.user_id for row in world.rows(Notification) if row.event_id == events[0].id]
    assert bells == [world.ana.id]


@pytest.mark.parametrize("rules", [IntakeRules(), IntakeRules(accept_unchecked=True)])
def test_whoever_is_not_confirmed_learns_nothing(post, world, run_outbox, rules):
    _case, who, sent = withdrawn(post, world)
    row = post.take(post.mail(who, "Once more", In_Reply_To=sent, Authentication_Results=""), rules=rules)
    assert row.fate == "quarantine"
    run_outbox()
    assert not told(world, who)


def test_strangers_and_robots_learn_nothing(post, world, run_outbox):
    _case, who, sent = withdrawn(post, world)
    assert fate(post.send("eve@elsewhere.example", "I", In_Reply_To=sent)) == ("quarantine", "via_other")
    assert post.send(who, "Out", In_Reply_To=sent, Auto_Submitted="auto-replied").fate == "auto_reply"
    run_outbox()
    assert not world.rows(OutgoingMail, OutgoingMail.kind == "reply_stopped")


def test_the_page_of_the_case_says_it_to_staff_only(post, world, as_user):
    case, who, sent = withdrawn(post, world)
    post.send(who, "Once more", In_Reply_To=sent)
    line = "was not added; it waits in “Received email”"
    assert line in as_user("ana").get(f"/desk/cases/{case.key}?view=all").text
    assert line in as_user("ana").get(f"/desk/cases/{case.key}/history").text
    assert line not in as_user("rita").get(f"/cases/{case.key}").text
