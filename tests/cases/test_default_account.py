"""The account in which a person of several accounts opens cases: chosen by them, offered first, used by mail."""

import re

import pytest

from portal.cases.models import Case, DefaultAccount
from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.notifications.models import OutgoingMail
from portal.tenants.models import ContactAccess
from tests.channels.mail.test_intake import SUPPORT, Post, fate
from tests.support.received_mails import join_organization

PAGE = "/me/default-account"


@pytest.fixture
def rita(world, as_user):
    """Rita belongs to Globex, too."""
    join_organization(world, "rita")
    world.session.commit()
    return as_user(world.rita)


def chosen_account(answer) -> str:
    """The value of the account that the form offers first."""
    select = re.search(r'<select[^>]*name="account".*?</select>', answer.text, re.DOTALL)
    assert select is not None
    found = re.search(r'<option[^>]*value="([^"]*)"[^>]*selected|<option[^>]*selected[^>]*value="([^"]*)"', select[0])
    return (found[1] or found[2] or "") if found else ""


def test_the_choice_is_offered_first_and_another_is_open(rita, world):
    assert PAGE in rita.get("/me/preferences").text
    assert chosen_account(rita.get("/new/question")) == ""
    assert rita.post(PAGE, data={"account": "GLOBEX"}).status_code == 303
    assert 'value="GLOBEX"' in rita.get(PAGE).text
    assert chosen_account(rita.get("/new/question")) == "GLOBEX"
    assert chosen_account(rita.get("/new/question?account=acme")) == "ACME"
    assert rita.post(PAGE, data={"account": "ACME"}).status_code == 303
    assert chosen_account(rita.get("/new/question")) == "ACME"
    assert len(world.rows(DefaultAccount)) == 1
    assert rita.post(PAGE, data={"account": ""}).status_code == 303
    assert not world.rows(DefaultAccount)
    assert chosen_account(rita.get("/new/question")) == ""


def test_mail_goes_to_the_address_else_to_the_default_else_asks(rita, world, run_outbox):
    add_mailbox(world.system(), SUPPORT)
    post = Post(world)
    rita.post(PAGE, data={"account": "GLOBEX"})
    assert post.case_of(post.send("rita", "One")).account_id == world.globex.id
    assert post.case_of(post.send("rita", "Two", To="support+acme@northwind.example")).account_id == world.acme.id
    run_outbox()
    assert not world.rows(OutgoingMail, OutgoingMail.kind == "which_account")
    rita.post(PAGE, data={"account": ""})
    assert fate(post.send("rita", "Three")) == ("quarantine", "which_account")


def test_a_default_counts_while_one_may_open_cases_there(rita, world):
    add_mailbox(world.system(), SUPPORT)
    rita.post(PAGE, data={"account": "GLOBEX"})
    for access in world.rows(ContactAccess, ContactAccess.account_id == world.globex.id):
        if access.user_id == world.rita.id:
            world.session.delete(access)
    world.session.commit()
    assert "GLOBEX" not in rita.get("/new/question").text
    assert "nothing to choose" in rita.get(PAGE).text
    post = Post(world)
    assert post.case_of(post.send("rita")).account_id == world.acme.id


@pytest.mark.parametrize("key", ["NOBODY", "globex", "SOUTH", "x" * 10_000, "ACME\0; DROP"])
def test_other_accounts_are_refused(rita, world, key):
    answer = rita.post(PAGE, data={"account": key})
    assert answer.status_code == 422
    assert "Choose one of your accounts" in answer.text
    assert not world.rows(DefaultAccount)


def test_each_has_a_choice_of_their_own(rita, world, as_user):
    rita.post(PAGE, data={"account": "GLOBEX"})
    join_organization(world, "jan")
    world.session.commit()
    assert chosen_account(as_user(world.jan).get("/new/question")) == ""
    gil = as_user(world.gil)
    assert "nothing to choose" in gil.get(PAGE).text
    assert PAGE not in gil.get("/me/preferences").text
    assert gil.post(PAGE, data={"account": "ACME"}).status_code == 422
    assert [row.user_id for row in world.rows(DefaultAccount)] == [world.rita.id]
    assert not world.rows(Case)


def test_staff_have_none(world, as_user):
    assert as_user(world.ana).get(PAGE).status_code in (302, 303, 403, 404)
