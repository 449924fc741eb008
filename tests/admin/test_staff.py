"""The provider's own people."""

import pytest

from portal.identity.models import Address, User
from portal.tenants.models import StaffMember

NEW = {
    "name": "Nils Berg",
    "email": "nils@northwind.example",
    "role": "agent",
    "tier": "2",
    "reach": "all",
    "invite": "y",
}


def member_of(world, email):
    user = world.rows(User, User.addresses.any(Address.email == email))[0]
    return world.rows(StaffMember, StaffMember.user_id == user.id)[0]


def test_staff_are_added_and_invited(world, as_user):
    assert as_user("ada").post("/admin/staff/new", data=NEW).status_code == 303
    nils = member_of(world, "nils@northwind.example")
    assert (nils.role, nils.tier, nils.all_accounts) == ("agent", 2, True)
    assert world.row(User, nils.user_id).invited_at is not None


def test_staff_with_some_accounts_and_departments(world, as_user):
    data = {
        **NEW,
        "reach": "some",
        "accounts": [str(world.globex.id)],
        "departments": [str(world.departments["service-desk"].id)],
    }
    answer = as_user("ada").post("/admin/staff/new", data=data)
    path = answer.headers["Location"].removeprefix("http://northwind.localhost")
    form = as_user("ada").get(path).page.form(path)
    assert form.values["accounts"] == [str(world.globex.id)]
    assert form.values["departments"] == [str(world.departments["service-desk"].id)]


def test_who_configures_looks_after_all_accounts(world, as_user):
    data = {**NEW, "role": "platform_admin", "reach": "some", "accounts": [str(world.globex.id)]}
    as_user("ada").post("/admin/staff/new", data=data)
    assert member_of(world, "nils@northwind.example").all_accounts


@pytest.mark.parametrize(
    ("changes", "sentence"),
    (
        ({"email": "ana@northwind.example"}, "already works here"),
        ({"role": "king"}, "Choose a role"),
        ({"tier": "9"}, "Choose one of the answers"),
        ({"reach": "some"}, "Choose at least one account"),
        ({"departments": ["x"]}, "Choose from the list"),
        ({"name": ""}, "Write the person's name"),
    ),
)
def test_refused_staff_say_why_and_keep_the_text(as_user, changes, sentence):
    answer = as_user("ada").post("/admin/staff/new", data={**NEW, **changes})
    assert answer.status_code == 422 and sentence in answer.page.text
    assert answer.page.form("/admin/staff/new")["email"] == {**NEW, **changes}["email"]


def test_role_and_accounts_change_and_hold_at_once(world, as_user):
    case, path = world.open_case("gil", type="question"), f"/admin/staff/{world.ana.staff_id}"
    assert as_user("ana").get(f"/desk/cases/{case.key}").status_code == 200
    form = as_user("ada").get(path).page.form(path)
    assert as_user("ada").submit(form, reach="some", accounts=[str(world.acme.id)]).status_code == 303
    assert as_user("ana").get(f"/desk/cases/{case.key}").status_code == 404


def test_nobody_takes_the_administrator_role_from_themselves(world, as_user):
    path = f"/admin/staff/{world.ada.staff_id}"
    answer = as_user("ada").submit(as_user("ada").get(path).page.form(path), role="agent")
    assert answer.status_code == 422 and "cannot change your own role" in answer.page.text
    assert as_user("ada").post(f"{path}/end").status_code == 422


def test_a_platform_administrator_makes_nobody_see_cases(world, as_user):
    """Neither themself nor anybody else: by a role, by more accounts, or by letting somebody back in."""
    pat = as_user("pat")
    assert pat.post("/admin/staff/new", data=NEW).status_code == 422
    assert pat.post("/admin/staff/new", data={**NEW, "role": "platform_admin"}).status_code == 303
    for who, changes, sentence in (
        ("pat", {"role": "admin"}, "cannot change your own role"),
        ("tom", {"reach": "all"}, "Only an administrator can do that"),
        ("tom", {"accounts": [str(world.globex.id), str(world.acme.id)]}, "Only an administrator can do that"),
    ):
        path = f"/admin/staff/{world.person(who).staff_id}"
        answer = pat.submit(pat.get(path).page.form(path), **changes)
        assert answer.status_code == 422 and sentence in answer.page.text, (who, changes)
    path = f"/admin/staff/{world.tom.staff_id}"
    assert pat.submit(pat.get(path).page.form(path), tier="3").status_code == 303
    assert pat.post(f"{path}/end").status_code == 303
    assert pat.post(f"{path}/return").status_code == 422
    assert as_user("ada").post(f"{path}/return").status_code == 303


def test_ended_staff_are_signed_out_and_can_return(world, as_user):
    tom, path = as_user("tom"), f"/admin/staff/{world.tom.staff_id}"
    assert tom.get("/desk").status_code < 400
    assert as_user("ada").submit(as_user("ada").get(f"{path}/end").page.form(f"{path}/end")).status_code == 303
    assert tom.get("/desk").status_code == 302
    assert "Tom Berg" in as_user("ada").get("/admin/staff?show=archived").page.text
    assert as_user("ada").post(f"{path}/return").status_code == 303
    assert world.row(StaffMember, world.tom.staff_id).active


def test_former_staff_can_be_added_again(world, as_user):
    as_user("ada").post(f"/admin/staff/{world.tom.staff_id}/end")
    answer = as_user("ada").post("/admin/staff/new", data={**NEW, "email": world.tom.email, "role": "lead"})
    assert answer.status_code == 303
    row = world.row(StaffMember, world.tom.staff_id)
    assert row.active and row.role == "lead"


def test_an_old_form_is_a_conflict_that_names_who(world, as_user):
    path = f"/admin/staff/{world.tom.staff_id}"
    mine, theirs = as_user("ada").get(path).page.form(path), as_user("pat").get(path).page.form(path)
    as_user("pat").submit(theirs, tier="3")
    answer = as_user("ada").submit(mine, tier="1")
    assert answer.status_code == 409 and "Pat Morgan" in answer.page.text
