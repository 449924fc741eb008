"""Accounts and people as the desk reads them."""

import uuid

import pytest


def test_accounts_with_what_is_open_in_them(world, as_user):
    world.open_case("rita")
    world.case_in("closed")
    page = as_user("ana").get("/desk/accounts").page
    row = next(r for r in page.all("tr", class_="list__row") if "ACME " in r.text + " ")
    assert row.all("td", data_cell="meta")[0].text.startswith("1")


def test_only_the_accounts_one_looks_after(world, as_user):
    tom = as_user("tom")
    assert "Acme" not in tom.get("/desk/accounts").page.first("main").text
    assert tom.get("/desk/accounts/ACME").status_code == 404
    assert tom.get("/desk/accounts/GLOBEX").status_code == 200
    assert tom.get(f"/desk/contacts/{world.rita.contact_id}").status_code == 404
    assert tom.get(f"/desk/contacts/{world.gil.contact_id}").status_code == 200


def test_an_account_shows_places_people_and_open_cases(world, as_user):
    case = world.open_case("rita", subject="Scanner")
    text = as_user("aud").get("/desk/accounts/ACME").page.first("main").text
    for word in ("Production", "Test", "Rita Costa", case.key, "Scanner"):
        assert word in text
    assert as_user("ana").get("/desk/accounts/acme").location == "/desk/accounts/ACME"


def test_a_person_shows_how_to_reach_them_and_their_cases(world, as_user):
    case = world.open_case("cora", account="ACME", contact="rita")
    text = as_user("ana").get(f"/desk/contacts/{world.rita.contact_id}").page.first("main").text
    for word in ("rita@acme.example", "+48 600 100 200", "Requester", case.key):
        assert word in text


@pytest.mark.parametrize(
    "path",
    [
        "/desk/accounts/NOPE",
        "/desk/accounts/%00",
        "/desk/accounts/" + "A" * 300,
        f"/desk/contacts/{uuid.UUID(int=7)}",
        "/desk/contacts/1",
    ],
)
def test_what_is_not_there_is_not_found(as_user, path):
    assert as_user("ana").get(path).status_code == 404


def test_accounts_can_be_searched(as_user):
    ana = as_user("ana")
    assert "Globex" not in ana.get("/desk/accounts?q=acme").page.first("main").text
    assert "No account is called" in ana.get("/desk/accounts?q=zzz%00%25_").page.first("main").text


def test_accounts_cost_the_same_for_many_cases(world, as_user, statements):
    def once():
        with statements() as seen:
            as_user("ana").get("/desk/accounts")
            as_user("ana").get("/desk/accounts/ACME")
            as_user("ana").get(f"/desk/contacts/{world.rita.contact_id}")
        return len(seen)

    def cost():
        return min(once(), once())  # now and then a request also notes that somebody is there

    world.open_case("rita")
    few = cost()
    for n in range(12):
        world.open_case(("rita", "mel", "gil")[n % 3])
    assert cost() == few
