"""Request types, severity, departments, services, settings."""

import pytest

from portal.cases.models import RequestType, SeverityLevel
from portal.tenants.models import Department, Provider, Service

TYPE = {
    "name": "New laptop",
    "description": "Order one",
    "icon": "briefcase",
    "template": "Which model?",
    "asks_severity": "y",
    "default_rank": "3",
    "takes_files": "y",
    "department": "",
    "service": "",
    "active": "y",
}


def test_a_request_type_can_be_chosen_at_once(world, as_user):
    assert as_user("ada").post("/admin/request-types/new", data=TYPE).status_code == 303
    assert "New laptop" in as_user("rita").get("/new").page.text
    assert "Which model?" in as_user("rita").get("/new/new-laptop").text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    (
        ({"name": ""}, "Write the name"),
        ({"icon": "<svg>"}, "Choose one of the answers"),
        ({"default_rank": "9"}, "Choose one of the severity levels"),
        ({"department": "x"}, "Choose one of the answers"),
        ({"name": "report an OUTAGE"}, "already a request type named"),
        ({"description": "x" * 500}, "Shorten “Sentence on the tile” to"),
    ),
)
def test_a_refused_request_type_says_why(as_user, changes, sentence):
    answer = as_user("ada").post("/admin/request-types/new", data={**TYPE, **changes})
    assert answer.status_code == 422 and sentence in answer.page.text
    assert "Which model?" in answer.text


def test_a_request_type_for_buyers_only(world, as_user):
    service = str(world.northwind.services["colocation"].id)
    as_user("ada").post("/admin/request-types/new", data={**TYPE, "service": service})
    as_user("ada").submit(as_user("ada").get("/admin/accounts/GLOBEX").page.form("/admin/accounts/GLOBEX"), services=[])
    assert "New laptop" not in as_user("gil").get("/new").page.text


def test_an_archived_request_type_disappears_from_the_choice(world, as_user):
    path = f"/admin/request-types/{world.types['outage'].id}"
    assert as_user("ada").submit(as_user("ada").get(path).page.form(path), active=None).status_code == 303
    assert "Report an outage" not in as_user("rita").get("/new").page.first("main").text
    assert "Report an outage" in as_user("ada").get("/admin/request-types").page.text


def test_request_types_move_up_and_down(world, as_user):
    def order():
        return [r.key for r in sorted(world.rows(RequestType), key=lambda r: (r.position, r.name))]

    before = order()
    path = f"/admin/request-types/{world.types[before[1]].id}/move"
    assert as_user("ada").post(path, data={"direction": "up"}).status_code == 303
    assert order()[:2] == [before[1], before[0]]
    as_user("ada").post(path, data={"direction": "down"})
    assert order() == before
    as_user("ada").post(f"/admin/request-types/{world.types[before[0]].id}/move", data={"direction": "up"})
    assert order() == before


def test_severity_levels_are_renamed_for_everybody(world, as_user):
    form = as_user("ada").get("/admin/severity").page.form("/admin/severity")
    assert as_user("ada").submit(form, name_1="Critical").status_code == 303
    assert "Critical" in as_user("rita").get("/new/outage").page.text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    (
        ({"name_1": ""}, "Write a name"),
        ({"name_1": "low", "name_4": "Low"}, "a different name"),
    ),
)
def test_refused_severity_names(as_user, changes, sentence):
    form = as_user("ada").get("/admin/severity").page.form("/admin/severity")
    answer = as_user("ada").submit(form, **changes)
    assert answer.status_code == 422 and sentence in answer.page.text


def test_a_fourth_level_goes_and_comes_back(world, as_user):
    for kind in world.rows(RequestType, RequestType.default_rank == 4):
        kind.default_rank = 3
    assert as_user("ada").post("/admin/severity/remove").status_code == 303
    assert as_user("ada").post("/admin/severity/remove").status_code == 409
    assert as_user("ada").post("/admin/severity/new", data={"name": "Wish"}).status_code == 303
    assert [level.name for level in world.rows(SeverityLevel, SeverityLevel.rank == 4)] == ["Wish"]
    answer = as_user("ada").post("/admin/severity/new", data={"name": "Fifth"})
    assert answer.status_code == 409 and "already four" in answer.page.text


def test_a_level_that_a_case_has_stays(world, as_user):
    world.open_case("rita", severity=4)
    answer = as_user("ada").post("/admin/severity/remove")
    assert answer.status_code == 409 and "is in use" in answer.page.text


def test_departments_are_added_renamed_and_archived(world, as_user):
    ada = as_user("ada")
    assert ada.post("/admin/departments/new", data={"name": "Field"}).status_code == 303
    assert ada.post("/admin/departments/new", data={"name": "FIELD"}).status_code == 422
    row = world.rows(Department, Department.name == "Field")[0]
    path = f"/admin/departments/{row.id}"
    assert ada.submit(ada.get(path).page.form(path), name="Field service", active=None).status_code == 303
    assert not world.rows(Department, Department.name == "Field service")[0].active


def test_a_service_in_use_is_not_deleted(world, as_user):
    ada = as_user("ada")
    path = f"/admin/services/{world.northwind.services['colocation'].id}"
    assert ada.post(f"{path}/delete").status_code == 409
    ada.post("/admin/services/new", data={"name": "Backup"})
    row = world.rows(Service, Service.name == "Backup")[0]
    form = ada.get(f"/admin/services/{row.id}/delete").page.form(f"/admin/services/{row.id}/delete")
    assert ada.submit(form).status_code == 303
    assert not world.rows(Service, Service.name == "Backup")


def test_settings_are_saved_and_seen(world, as_user):
    form = as_user("ada").get("/admin/settings").page.form("/admin/settings")
    answer = as_user("ada").submit(
        form,
        name="Northwind Nord",
        reopen_days="30",
        after_close="new_case",
        auto_close_hours="48",
        customer_decides=None,
        who_closes="contact",
        object_word="ticket",
        promises_shown="state",
        registration="contacts",
        joins_raise_at="5",
        joins_raise_limit="1",
    )
    assert answer.status_code == 303
    row = world.row(Provider, world.northwind.id)
    assert (row.reopen_days, row.after_close, row.auto_close_hours) == (30, "new_case", 48)
    assert (row.customer_decides, row.who_closes, row.registration) == (False, "contact", "contacts")
    assert (row.promises_shown, row.object_word) == ("state", "ticket")
    assert (row.joins_raise_at, row.joins_raise_limit) == (5, 1)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    (
        ({"name": ""}, "Write the name of your company"),
        ({"zone": "Mars/Base"}, "Choose one of the answers"),
        ({"locale": "xx"}, "Choose one of the answers"),
        ({"after_close": "x"}, "Choose one of the answers"),
        ({"auto_close_hours": "0"}, "whole number from 1"),
        ({"auto_close_hours": ""}, "whole number from 1"),
        ({"auto_close_hours": "9" * 6000}, "whole number"),
        ({"auto_close_hours": "٣"}, "whole number"),
        ({"reopen_days": "soon"}, "whole number"),
        ({"joins_raise_at": "-1"}, "whole number"),
        ({"joins_raise_limit": "5"}, "whole number"),
        ({"who_closes": "nobody"}, "Choose one of the answers"),
        ({"registration": "x"}, "Choose one of the answers"),
        ({"promises_shown": "x"}, "Choose one of the answers"),
        ({"object_word": "x"}, "Choose one of the answers"),
    ),
)
def test_refused_settings_say_why(as_user, changes, sentence):
    form = as_user("ada").get("/admin/settings").page.form("/admin/settings")
    kept = {"reopen_days": "77", **changes}
    answer = as_user("ada").submit(form, **kept)
    assert answer.status_code == 422 and sentence in answer.page.text
    assert answer.page.form("/admin/settings")["reopen_days"] == kept["reopen_days"]


def test_the_permission_page_says_what_the_code_says(as_user):
    from portal.admin.permission_matrix import permission_meanings
    from portal.authz.permissions import Permission

    page = as_user("ada").get("/admin/roles").page.text
    assert set(permission_meanings()) == set(Permission)
    assert all(":" not in meaning or " " in meaning for meaning in permission_meanings().values())
    assert "Put people in copy" in page and "Configure the provider: accounts, people, case design" in page
