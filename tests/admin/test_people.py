"""People of clients: added, given access, invited, ended, let in again."""

import pytest

from portal.identity.models import Address, User
from portal.kernel.events import Event
from portal.tenants.models import Contact, ContactAccess

BASE = "/admin/organizations/acme/people"


def new(world, **changes):
    return {
        "name": "Nora Lind",
        "email": "Nora@Acme.example",
        "title": "Buyer",
        "place": str(world.acme.id),
        "role": "member",
        "invite": "y",
        **changes,
    }


def test_a_person_is_added_and_invited(world, as_user):
    answer = as_user("ada").post(f"{BASE}/new", data=new(world))
    assert answer.status_code == 303
    page = as_user("ada").get(answer.headers["Location"]).page
    assert page.heading == "Nora Lind" and "Invited" in page.text
    invited = world.rows(Event, Event.name == "person.invited")
    assert len(invited) == 1 and "token" in invited[0].facts


def test_a_person_can_be_listed_without_an_invitation(world, as_user):
    data = {k: v for k, v in new(world, email="two@acme.example").items() if k != "invite"}
    assert as_user("ada").post(f"{BASE}/new", data=data).status_code == 303
    two = world.rows(User, User.addresses.any(Address.email == "two@acme.example"))[0]
    assert two.invited_at is None


def test_access_to_one_environment(world, as_user):
    production = world.environments["ACME", "Production"]
    answer = as_user("ada").post(f"{BASE}/new", data=new(world, place=f"{world.acme.id}/{production.id}"))
    assert answer.status_code == 303
    rows = world.rows(ContactAccess, ContactAccess.environment_id == production.id)
    assert [row.role for row in rows] == ["member"]


def test_two_rows_of_access(world, as_user):
    polish = world.accounts["ACMEPL"]
    data = new(world, place=[str(world.acme.id), str(polish.id), ""], role=["member", "coordinator", "requester"])
    answer = as_user("ada").post(f"{BASE}/new", data=data)
    page = as_user("ada").get(answer.headers["Location"]).page
    form = page.form(answer.headers["Location"].removeprefix("http://northwind.localhost"))
    assert form.values["place"][:2] == [str(world.acme.id), str(polish.id)]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    (
        ({"email": "rita@acme.example"}, "already belongs to Acme"),
        ({"email": "RITA@acme.example"}, "already belongs"),
        ({"email": "nora"}, "is not a full email address"),
        ({"name": ""}, "Write the person's name"),
        ({"email": ""}, "Write the person's email"),
        ({"role": "king"}, "Choose accounts and environments"),
        ({"place": "x"}, "Choose accounts and environments"),
        ({"name": "x" * 300}, "Shorten “Name” to"),
    ),
)
def test_a_refused_person_says_why_and_keeps_the_text(world, as_user, changes, sentence):
    answer = as_user("ada").post(f"{BASE}/new", data=new(world, **changes))
    assert answer.status_code == 422 and sentence in answer.page.text
    assert answer.page.form(f"{BASE}/new")["title"] == "Buyer"


def test_the_same_place_twice_is_refused(world, as_user):
    data = new(world, place=[str(world.acme.id)] * 2, role=["member", "coordinator"])
    answer = as_user("ada").post(f"{BASE}/new", data=data)
    assert answer.status_code == 422 and "Choose each account or environment once" in answer.page.text


def test_access_is_changed_and_holds_at_once(world, as_user):
    path = f"{BASE}/{world.rita.contact_id}"
    form = as_user("ada").get(path).page.form(path)
    assert form.values["place"][0] == str(world.acme.id)
    place = [str(world.accounts["ACMEPL"].id), "", ""]
    answer = as_user("ada").submit(form, place=place, role=["coordinator", "requester", "requester"])
    assert answer.status_code == 303
    rows = world.rows(ContactAccess, ContactAccess.contact_id == world.rita.contact_id)
    assert [(r.account_id, r.role) for r in rows] == [(world.accounts["ACMEPL"].id, "coordinator")]


def test_two_administrators_changing_access_hear_of_each_other(world, as_user):
    path = f"{BASE}/{world.rita.contact_id}"
    mine, theirs = as_user("ada").get(path).page.form(path), as_user("pat").get(path).page.form(path)
    as_user("ada").submit(mine, role=["member", "requester", "requester"])
    answer = as_user("pat").submit(theirs, role=["coordinator", "requester", "requester"])
    assert answer.status_code == 409 and "Ada Novak" in answer.page.text


def test_an_ended_person_loses_the_organization_at_once_and_can_return(world, as_user):
    case, path = world.open_case("mel"), f"{BASE}/{world.mel.contact_id}"
    mel, ada = as_user("mel"), as_user("ada")
    assert mel.get(f"/cases/{case.key}").status_code == 200
    form = ada.get(f"{path}/end").page.form(f"{path}/end")
    # Nobody else reads the case: somebody must take it over.
    assert ada.submit(form).status_code == 422
    assert ada.submit(form, hand_to=str(world.rita.contact_id)).status_code == 303
    assert mel.get(f"/cases/{case.key}").status_code == 404
    assert as_user("rita").get(f"/cases/{case.key}").status_code == 200
    assert world.mel.name in ada.get(f"{BASE}?show=archived").page.text
    assert ada.post(f"{path}/return").status_code == 303
    assert mel.get(f"/cases/{case.key}").status_code == 200


def test_a_former_person_added_again_gets_only_what_is_given_now(world, as_user):
    path = f"{BASE}/{world.cora.contact_id}"
    as_user("ada").post(f"{path}/end")
    data = new(world, email=world.cora.email, role="requester")
    assert as_user("ada").post(f"{BASE}/new", data=data).status_code == 303
    rows = world.rows(ContactAccess, ContactAccess.contact_id == world.cora.contact_id)
    assert [(row.account_id, row.role) for row in rows] == [(world.acme.id, "requester")]


def test_an_invitation_is_sent_again_and_withdrawn(world, as_user):
    ada, path = as_user("ada"), f"{BASE}/{world.jan.contact_id}"
    assert ada.post(f"{path}/invite").status_code == 303
    assert ada.post(f"{path}/invite").status_code == 303
    assert ada.post(f"{path}/withdraw").status_code == 303
    assert world.row(User, world.jan).invited_at is None
    assert ada.post(f"{path}/withdraw").status_code == 409


def test_somebody_who_signs_in_cannot_be_invited(world, as_user):
    answer = as_user("ada").post(f"{BASE}/{world.rita.contact_id}/invite")
    assert answer.status_code == 409 and "already signs in" in answer.page.text


def test_a_person_of_another_organization_is_not_found_here(world, as_user):
    assert as_user("ada").get(f"{BASE}/{world.gil.contact_id}").status_code == 404


@pytest.mark.parametrize(
    ("q", "found"),
    (("zielinski", True), ("ZIELIŃSKI piotr", True), ("magazyn", False), ("piotr@acme", True), ("100%", False)),
)
def test_people_are_found_by_name_and_address(as_user, q, found):
    page = as_user("ada").get(BASE, query_string={"q": q}).page
    assert ("Piotr Zieliński" in page.first("main").text) is found


def test_a_person_known_as_staff_can_be_a_contact_too(world, as_user):
    assert as_user("ada").post(f"{BASE}/new", data=new(world, email=world.ana.email)).status_code == 303
    assert world.rows(Contact, Contact.user_id == world.ana.id)


# -- very important people --------------------------------------------------------------------------------------------


def test_cases_about_a_very_important_person_are_at_least_so_severe(world, as_user):
    path = f"{BASE}/{world.rita.contact_id}"
    ada = as_user("ada")
    assert ada.submit(ada.get(path).page.form(path), severity_floor="2").status_code == 303
    assert ada.get(path).page.form(path)["severity_floor"] == "2"
    assert (world.open_case("rita", severity=4).severity, world.open_case("rita", severity=1).severity) == (2, 1)
    assert ada.submit(ada.get(path).page.form(path), severity_floor="").status_code == 303
    assert world.open_case("rita", severity=4).severity == 4


def test_a_floor_is_one_of_the_severities_and_the_text_stays(world, as_user):
    path = f"{BASE}/{world.rita.contact_id}"
    answer = as_user("ada").submit(as_user("ada").get(path).page.form(path), severity_floor="7", title="Chief")
    assert answer.status_code == 422 and "Choose one of the severities" in answer.page.text
    assert answer.page.form(path)["title"] == "Chief"


def test_a_floor_that_somebody_else_set_is_a_conflict_and_the_text_stays(world, as_user):
    path = f"{BASE}/{world.rita.contact_id}"
    mine, theirs = as_user("ada").get(path).page.form(path), as_user("pat").get(path).page.form(path)
    assert as_user("ada").submit(mine, severity_floor="2").status_code == 303
    answer = as_user("pat").submit(theirs, severity_floor="3", title="Chief")
    assert answer.status_code == 409 and "Ada Novak" in answer.page.text
    form = answer.page.form(path)
    assert (form["severity_floor"], form["title"]) == ("3", "Chief")


def test_an_administrator_of_the_client_sets_no_floor(world, as_user):
    data = {"severity_floor": "1", "title": "", "version": "x"}
    assert as_user("olga").post(f"{BASE}/{world.rita.contact_id}", data=data).status_code in (403, 404)
    assert world.row(Contact, world.rita.contact_id).severity_floor is None
