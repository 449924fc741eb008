"""Another provider's objects do not exist, whatever their id."""

import pytest

from tests.admin.places import VERBS


def addresses(world):
    south = world.southgate
    yield f"/admin/organizations/acme/people/{south.people['zoe'].contact_id}"
    yield from (f"/admin/organizations/acme/people/{south.people['zoe'].contact_id}/{verb}" for verb in VERBS)
    yield f"/admin/staff/{south.people['sue'].staff_id}"
    yield from (f"/admin/staff/{south.people['sue'].staff_id}/{verb}" for verb in VERBS)
    yield f"/admin/environments/{south.environments['ACME', 'Production'].id}"
    yield f"/admin/departments/{south.departments['service-desk'].id}"
    yield f"/admin/services/{south.services['colocation'].id}"
    yield f"/admin/services/{south.services['colocation'].id}/delete"
    yield f"/admin/request-types/{south.types['outage'].id}"
    yield f"/admin/request-types/{south.types['outage'].id}/move"
    yield f"/admin/request-types/{south.types['outage'].id}/fields/new"
    yield f"/admin/request-types/{south.types['outage'].id}/fields/plate/end"


@pytest.mark.parametrize("method", ("get", "post"))
def test_a_neighbors_id_is_not_found(world, as_user, method):
    for path in addresses(world):
        assert getattr(as_user("ada"), method)(path).status_code == 404, path


def test_the_same_slug_and_key_lead_to_ones_own(world, as_user):
    assert "Globex" in as_user("ada").get("/admin/organizations").text
    assert "Globex" not in as_user("sue").get("/admin/organizations").text
    assert as_user("sue").get("/admin/accounts/GLOBEX").status_code == 404


@pytest.mark.parametrize(
    "path",
    (
        "/admin/organizations/nobody",
        "/admin/accounts/NOPE",
        "/admin/staff/not-an-id",
        "/admin/staff/0",
        "/admin/organizations/acme/people/00000000-0000-0000-0000-000000000000",
        "/admin/environments/1%00",
        "/admin/organizations/%00",
        "/admin/accounts/%00",
    ),
)
def test_what_does_not_exist_is_not_found(as_user, path):
    assert as_user("ada").get(path).status_code == 404


@pytest.mark.parametrize(
    "query",
    (
        "q=%00",
        "page=0",
        "page=-1",
        "page=99999999999999999999",
        "page=x",
        "q=" + "x" * 5000,
        "show=%27",
        "kind=%00",
        "role=admin%27--",
        "q=%25_%5C",
    ),
)
@pytest.mark.parametrize(
    "path",
    (
        "/admin/organizations",
        "/admin/accounts",
        "/admin/environments",
        "/admin/staff",
        "/admin/organizations/acme/people",
    ),
)
def test_a_list_survives_any_query(as_user, path, query):
    assert as_user("ada").get(f"{path}?{query}").status_code == 200


def test_an_accounts_choice_of_a_neighbor_is_refused(world, as_user):
    data = {
        "name": "New",
        "email": "new@northwind.example",
        "role": "agent",
        "tier": "1",
        "reach": "some",
        "accounts": [str(world.southgate.accounts["ACME"].id)],
    }
    assert as_user("ada").post("/admin/staff/new", data=data).status_code == 422


def test_access_to_a_neighbors_account_is_refused(world, as_user):
    data = {
        "name": "New",
        "email": "new@acme.example",
        "place": str(world.southgate.accounts["ACME"].id),
        "role": "member",
    }
    answer = as_user("ada").post("/admin/organizations/acme/people/new", data=data)
    assert answer.status_code == 422 and "new@acme.example" in answer.text


def test_access_to_another_organization_is_refused(world, as_user):
    data = {"name": "New", "email": "new@acme.example", "place": str(world.globex.id), "role": "member"}
    assert as_user("ada").post("/admin/organizations/acme/people/new", data=data).status_code == 422
