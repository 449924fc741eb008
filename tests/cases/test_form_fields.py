"""The form of a request type has exactly the fields that the provider chose for it."""

import pytest

from portal.cases.models import RequestType

NEEDED = {"account": "ACME", "subject": "Portal is slow", "description": "Every page takes a minute.", "severity": "3"}


@pytest.fixture
def fields(world):
    """`fields(phone="off", department="required")` for Northwind's outages."""

    def change(**modes):
        world.row(RequestType, world.types["outage"]).fields = modes
        world.session.flush()

    return change


def names(as_user, who="cora"):
    page = as_user(who).get("/new/outage?account=ACME").page
    return {field.get("name") for field in page.all(name=True) if field.get("type") != "hidden"}


def test_by_default_everything_can_be_said(as_user):
    assert {"phone", "email", "cc", "visibility", "department", "contact", "environment", "notify"} <= names(as_user)


def test_what_is_off_is_not_asked(as_user, fields):
    off = ("phone", "email", "cc", "visibility", "department", "contact", "environment", "notify")
    fields(**dict.fromkeys(off, "off"))
    assert not set(off) & names(as_user)


def test_what_is_off_is_left_out_whatever_is_sent(world, as_user, fields):
    fields(phone="off", cc="off", department="off", visibility="off", contact="off")
    department = str(world.departments["business"].id)
    sent = {"phone": "+48 600 100 200", "cc": "x@y.example", "visibility": "shared", "department": department}
    someone = {"person_name": "Nobody", "person_email": "nobody@acme.example", "contact": str(world.mel.contact_id)}
    assert as_user("cora").post("/new/outage", data={**NEEDED, **sent, **someone}).status_code == 303
    case = world.case("ACME-1")
    assert (case.phone, case.visibility, case.contact_user_id) == ("", "private", world.cora.id)
    assert case.department_id == world.departments["service-desk"].id and not case.grants


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("phone", "Write a phone number"),
        ("email", "Write an email address"),
        ("department", "Choose a department"),
        ("environment", "Choose an environment"),
    ],
)
def test_what_is_demanded_is_asked_for_in_words(as_user, fields, name, sentence):
    fields(**{name: "required"})
    answer = as_user("rita").post("/new/outage", data=NEEDED)
    assert answer.status_code == 422 and sentence in answer.text and "Portal is slow" in answer.text


def test_nobody_is_asked_to_choose_from_nothing(world, as_user, fields):
    from portal.tenants.models import Department

    fields(department="required")
    for row in world.rows(Department):
        row.active = False
    assert as_user("rita").post("/new/outage", data=NEEDED).status_code == 303
