"""The desk finds who calls: by parts of name, address and phone number, within the accounts that the agent may see."""

import pytest
from sqlalchemy import update

from portal.identity.models import User
from portal.tenants.actions import contacts
from portal.tenants.models import Account
from portal.tenants.queries import contact_search
from portal.tenants.queries.contact_search import find_callers, find_contacts


@pytest.fixture(autouse=True)
def phones(world):
    for person, phone in ((world.rita, "+48 600-100-200"), (world.gil, "(020) 7946 0018")):
        world.session.execute(update(User).where(User.id == person.id).values(phone=phone))
    world.session.flush()


def found(world, who, asked):
    return [(row.name, row.account_key) for row in find_callers(world.ctx(who), asked)[0]]


@pytest.mark.parametrize(
    "asked",
    [
        *("rit", "RITA costa", "costa rita", "rita@acme.example", "Rita Acme", "rita 600100"),
        *("+48 600 100 200", "600100200", "600 100", "100-200", "0048600100200", "0 600 100 200", "+49 600 100 200"),
    ],
)
def test_a_person_is_found_by_what_they_say(world, asked):
    assert ("Rita Costa", "ACME") in found(world, "ana", asked)
    assert world.gil.name not in {name for name, _key in found(world, "ana", asked)}


@pytest.mark.parametrize(
    "asked", ["", "%", "_", "600 999", "rita globex", "'", "\\", "100", "+++++", "9" * 400, "zzq:* | x"]
)
def test_what_fits_nobody_finds_nobody(world, asked):
    assert found(world, "ana", asked) == []


def test_a_number_is_found_with_or_without_what_stands_before_it(world):
    for asked in ("+44 20 7946 0018", "020 7946 0018", "7946", "79460018"):
        assert {name for name, _key in found(world, "ana", asked)} == {world.gil.name}, asked


def test_nobody_of_other_accounts_is_found(world):
    """Tom works for Globex only; Sam for another provider, where Rita has a namesake without a number."""
    for asked in ("rita", "acme", "600100200", "rita@acme.example"):
        assert found(world, "tom", asked) == [], asked
    assert found(world, "tom", "7946") and found(world, "sam", "rita")
    assert not found(world, "sam", "7946") and not found(world, "sam", "600100200")


def test_the_list_is_cut_and_says_so(world):
    rows, more = find_callers(world.ctx("ana"), "acme", limit=2)
    assert len(rows) == 2 and more
    assert len(find_contacts(world.ctx("ana"), "600100200")) == 1


@pytest.mark.parametrize("who", ["aud", "pat", "rita"])
def test_who_may_not_open_for_others_finds_nobody(as_user, who):
    for headers in ({}, {"HX-Request": "true"}):
        answer = as_user(who).get("/desk/new/callers?caller=rita", headers=headers)
        assert answer.status_code == 403 and "rita@acme.example" not in answer.text


def test_a_press_fills_the_form_and_keeps_what_was_written(world, as_user):
    ana = as_user("ana")
    page = ana.get("/desk/new?caller=600100200").page
    button = page.first("button", name="caller")
    assert "rita@acme.example" in button.text and "Acme (ACME)" in button.text and "No sign-in" not in button.text
    written = page.form("/desk/new").filled(caller=button.get("value"), subject="Half a sen", description="Since")
    form = ana.post("/desk/new", data=written).page.form("/desk/new")
    assert form["account"] == "ACME" and form["contact"] == str(world.rita.contact_id)
    assert form["phone"] == "+48 600-100-200"
    assert form["subject"] == "Half a sen" and form["description"].strip() == "Since"


def test_the_number_of_a_call_finds_its_person(as_user):
    assert "rita@acme.example" in as_user("ana").get("/desk/new?phone=%2B48600100200").page.first("main").text


def test_without_scripts_the_search_leads_to_the_page(as_user):
    answer = as_user("ana").get("/desk/new/callers?caller=rita")
    assert answer.status_code == 303 and answer.location == "/desk/new?caller=rita"
    part = as_user("ana").get("/desk/new/callers?caller=nobodyatall", headers={"HX-Request": "true"}).text
    assert "<html" not in part and "“nobodyatall”" in part


def test_who_cannot_sign_in_is_marked(world, as_user):
    ctx = world.ctx("ana")
    account = world.row(Account, world.acme)
    contacts.add_requester(ctx, account, name="Paula Peeters", email="paula@acme.example", environment_id=None)
    assert "No sign-in" in as_user("ana").get("/desk/new?caller=paula").page.first("button", name="caller").text


def test_the_search_of_the_desk_finds_numbers_too(as_user):
    page = as_user("ana").get("/desk/search?q=600+100+200").page
    assert "Rita Costa" in page.first("main").text


def test_people_of_other_clients_do_not_push_somebody_in_scope_out_of_the_index(world, monkeypatch):
    monkeypatch.setattr(contact_search, "NAMED_LIMIT", 1)
    assert {name for name, _account in found(world, "tom", "example")} >= {"Gil Okafor", "Gina Rossi"}
