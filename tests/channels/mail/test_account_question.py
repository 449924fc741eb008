"""Somebody of several organizations writes: the address names the account, or they are asked, and one press decides."""

import re

import pytest

from portal.cases.models import Case
from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.channels.mail.models import InboundMail
from portal.channels.mail.rules import IntakeRules
from portal.notifications.mail_links import LASTS, Purpose, derive_link_token
from portal.notifications.models import OutgoingMail
from portal.tenants.models import ContactAccess
from tests.channels.mail.test_intake import PASSED, SUPPORT, Post, fate
from tests.support.received_mails import join_organization


@pytest.fixture
def post(world):
    """Rita belongs to Globex, too."""
    add_mailbox(world.system(), SUPPORT)
    join_organization(world, "rita")
    world.session.commit()
    return Post(world)


def question(world) -> OutgoingMail:
    [mail] = world.rows(OutgoingMail, OutgoingMail.kind == "which_account")
    return mail


def link(mail: OutgoingMail) -> str:
    return f"/a/{derive_link_token(mail.provider_id, mail.id, Purpose.CHOOSE)}"


def test_the_address_names_the_account(post, world):
    row = post.send("rita", To="support+globex@northwind.example")
    assert fate(row) == ("case", "new_case")
    assert post.case_of(row).account_id == world.globex.id


def test_one_press_opens_one_case(post, world, run_outbox, client):
    row = post.send("rita", Subject="Printer <b>1</b>")
    assert fate(row) == ("quarantine", "which_account")
    run_outbox()
    mail = question(world)
    assert (mail.recipient, mail.case_id) == ("rita@acme.example", None)
    assert "Globex" in mail.text and "Acme" in mail.text and "Printer <b>1</b>" in mail.text
    assert "Printer &lt;b&gt;1&lt;/b&gt;" in mail.html
    reader = client()
    foreign = derive_link_token(world.southgate.id, mail.id, Purpose.CHOOSE)
    assert reader.get(f"/a/{foreign}").status_code == 404
    assert reader.post(f"{link(mail)}", data={"List-Unsubscribe": "One-Click"}, csrf=False).status_code == 404
    shown = reader.get(link(mail))
    assert "Which account" in shown.text and "Printer &lt;b&gt;1&lt;/b&gt;" in shown.text
    assert not world.rows(Case)
    assert reader.post(link(mail), data={"account": "NOBODY"}).status_code == 422
    assert reader.post(link(mail), data={}).status_code == 422
    assert reader.post(link(mail), data={"account": "GLOBEX"}).status_code == 303
    [case] = world.rows(Case)
    assert (case.account_id, case.reported_by_id, case.channel) == (world.globex.id, world.rita.id, "mail")
    row = world.row(InboundMail, row.id)
    assert (row.fate, row.handled_as, row.handled_by_id, row.case_id) == ("case", "chosen", world.rita.id, case.id)
    assert reader.post(link(mail), data={"account": "ACME"}).status_code == 303
    assert len(world.rows(Case)) == 1
    assert re.search(r"It is case\s+GLOBEX-1", reader.get(link(mail)).text)


def test_only_a_person_whom_a_server_confirms_is_asked(post, world, run_outbox):
    row = post.take(post.mail("rita", Authentication_Results=""), rules=IntakeRules(accept_unchecked=True))
    assert fate(row) == ("quarantine", "which_account")
    post.send("rita", Authentication_Results=PASSED.format(domain="acme.example").replace("pass", "fail"))
    post.send("rita", Auto_Submitted="auto-replied")
    post.send("rita", List_Id="<all.acme.example>")
    run_outbox()
    assert not world.rows(OutgoingMail, OutgoingMail.kind == "which_account")


def test_an_old_link_says_that_nothing_is_lost_and_support_decides(post, world, run_outbox, travel, client, as_user):
    row = post.send("rita")
    run_outbox()
    travel(days=LASTS.days)
    answer = client().post(link(question(world)), data={"account": "GLOBEX"})
    assert answer.status_code == 410 and "is not lost" in answer.text
    ada, address = as_user(world.ada), f"/admin/mail-log/{row.id}/release"
    assert "GLOBEX" in ada.get(address).text
    assert ada.post(address, data={}).status_code == 422
    assert ada.post(address, data={"account": "GLOBEX"}).status_code == 303
    assert world.row(InboundMail, row.id).handled_as == "released"
    assert [case.account_id for case in world.rows(Case)] == [world.globex.id]
    assert "It is case" in client().get(link(question(world))).text


def test_whose_access_ended_cannot_choose(post, world, run_outbox, client):
    post.send("rita")
    run_outbox()
    mail = question(world)
    for access in world.rows(ContactAccess, ContactAccess.account_id == world.globex.id):
        world.session.delete(access)
    world.session.commit()
    assert client().post(link(mail), data={"account": "GLOBEX"}).status_code == 422
    assert not world.rows(Case)
