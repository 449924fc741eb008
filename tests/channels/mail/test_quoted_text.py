"""What was folded of a mail is kept with its message, for everybody who reads the message."""

import datetime as dt

import pytest
from sqlalchemy import delete

from portal.cases.models import Message
from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.channels.mail.actions.originals import delete_old_originals
from portal.channels.mail.models import InboundMail
from portal.channels.mail.queries.log import read_original
from portal.kernel import clock, uow
from tests.channels.mail.test_intake import SUPPORT, Post

QUOTE = "On Mon, 3 May 2027 at 10:00, Ada <ada@northwind.example> wrote:\n> Is it <b>plugged in</b>?"


@pytest.fixture
def post(world):
    add_mailbox(world.system(), SUPPORT)
    return Post(world)


@pytest.fixture
def answered(post, world):
    """A case of Rita that she answered by mail, above a quote and a signature."""
    case = post.case_of(post.send("rita", "It is broken.\n\n-- \nRita\nRoom 12", Subject="Printer"))
    reference = post.sent(case, "rita")
    post.send("rita", f"Yes, it is.\n\n{QUOTE}", Subject="Re: Printer", In_Reply_To=reference)
    [message] = world.rows(Message)
    return case, message


def test_quoted_text_is_kept_beside_the_reply(answered, world):
    case, message = answered
    assert message.body == "Yes, it is."
    assert message.quoted == QUOTE
    assert message.has_quoted
    assert not world.case(case.key).has_quoted


@pytest.mark.parametrize(("who", "base"), [("rita", "/cases"), ("ada", "/desk/cases")])
def test_the_case_links_to_the_quoted_text(answered, as_user, world, who, base):
    case, message = answered
    reader = as_user(world.person(who))
    address = f"{base}/{case.key}/quoted?message={message.id}"
    shown = reader.get(f"{base}/{case.key}").text
    assert "plugged in" not in shown
    assert shown.count("/quoted") == 1
    assert address in shown
    assert "Is it &lt;b&gt;plugged in&lt;/b&gt;?" in reader.get(address).text


def test_a_case_keeps_what_was_quoted_in_its_first_mail(post, as_user, world):
    case = post.case_of(post.send("rita", f"It broke again.\n\n{QUOTE}", Subject="Re: Printer"))
    assert case.description == "It broke again."
    assert "plugged in" in as_user(world.rita).get(f"/cases/{case.key}/quoted").text


def test_nobody_reads_the_quoted_text_of_a_message_that_they_may_not_read(answered, as_user, world):
    case, message = answered
    message.kind = "note"
    world.session.commit()
    assert as_user(world.rita).get(f"/cases/{case.key}/quoted?message={message.id}").status_code == 404
    assert as_user(world.gil).get(f"/cases/{case.key}/quoted").status_code == 404
    assert "Nothing was quoted." in as_user(world.rita).get(f"/cases/{case.key}/quoted").text


# -- the email of a message, for staff ---------------------------------------------------------------------------------


def test_staff_read_the_email_of_a_message_and_its_original(answered, as_user, world):
    case, message = answered
    ana = as_user(world.ana)
    shown = ana.get(f"/desk/cases/{case.key}").text
    assert f'/desk/cases/{case.key}/mail"' in shown
    address = f"/desk/cases/{case.key}/mail?message={message.id}"
    assert address in shown
    assert "plugged in" in ana.get(address).text
    original = ana.get(f"/desk/cases/{case.key}/mail/original?message={message.id}")
    assert original.content_type.startswith("text/plain")
    assert "Subject: Re: Printer" in original.text
    assert "Room 12" in ana.get(f"/desk/cases/{case.key}/mail/original").text
    assert as_user(world.rita).get(address).status_code == 403


def test_a_message_that_was_no_mail_has_no_email(answered, as_user, world):
    case, message = answered
    message.channel = "portal"
    world.session.execute(delete(InboundMail))
    world.session.commit()
    ana = as_user(world.ana)
    assert f"mail?message={message.id}" not in ana.get(f"/desk/cases/{case.key}").text
    assert "No email of this message" in ana.get(f"/desk/cases/{case.key}/mail?message={message.id}").text
    assert ana.get(f"/desk/cases/{case.key}/mail/original").text.startswith("No email")


def test_originals_have_an_end_and_their_rows_stay(post, as_user, world, travel):
    taken = post.send("rita", "It is broken.")
    waiting = post.send("stranger@nowhere.example")
    world.session.commit()
    travel(days=366)
    with uow.unit_of_work(world.session):
        assert delete_old_originals(world.system(), clock.now() - dt.timedelta(days=365), 10) == 1
        assert delete_old_originals(world.system(), clock.now() - dt.timedelta(days=365), 10) == 0
    taken, waiting = world.row(InboundMail, taken.id), world.row(InboundMail, waiting.id)
    assert read_original(taken) is None
    assert read_original(waiting)
    assert "was deleted on" in as_user(world.ada).get(f"/admin/mail-log/{taken.id}").text
    assert as_user(world.ada).get(f"/admin/mail-log/{taken.id}/original").status_code == 404
