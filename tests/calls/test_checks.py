"""N14: both sides of a phone call prove who they are, and sensitive cases need it."""

import datetime as dt

import pytest

from portal.calls.actions.checks import choose_checked_types
from portal.calls.models import CallCheck
from portal.calls.queries.checks import code_of_contact, code_of_staff
from portal.cases.actions.resolution import resolve
from portal.kernel.errors import Refused
from portal.kernel.events import Event


@pytest.fixture
def case(world):
    return world.open_case("rita")


def start(world, as_user, case):
    assert as_user("ana").post(f"/desk/cases/{case.key}/call-check").status_code == 303
    return world.rows(CallCheck)[-1]


def type_both(world, as_user, case, check):
    as_user("ana").post(f"/desk/cases/{case.key}/call-check/code", data={"code": code_of_contact(check)})
    as_user("rita").post(f"/cases/{case.key}/call-check", data={"code": code_of_staff(check)})


def test_n14_each_side_reads_its_code_and_types_the_other_one(world, as_user, case):
    check = start(world, as_user, case)
    mine, theirs = code_of_contact(check), code_of_staff(check)
    assert mine != theirs
    shown = as_user("rita").get(f"/cases/{case.key}").text
    assert mine in shown
    assert theirs not in shown
    assert world.ana.name in shown
    on_desk = as_user("ana").get(f"/desk/cases/{case.key}/call-check").text
    assert theirs in on_desk
    assert mine not in on_desk
    assert mine not in as_user("ana").get(f"/desk/cases/{case.key}").text
    type_both(world, as_user, case, check)
    assert check.state == "passed"
    event = world.rows(Event, Event.name == "call.check_passed")[0]
    assert (event.facts["contact"], event.facts["staff"]) == (world.rita.name, world.ana.name)
    assert event.case_id == case.id
    assert mine not in as_user("rita").get(f"/cases/{case.key}").text
    assert "was checked" in as_user("ana").get(f"/desk/cases/{case.key}").text


def test_n14_one_side_is_not_enough(world, as_user, case):
    check = start(world, as_user, case)
    as_user("ana").post(f"/desk/cases/{case.key}/call-check/code", data={"code": code_of_contact(check)})
    assert check.state == "open"
    assert (
        "has not typed its code" in as_user("ana").get(f"/desk/cases/{case.key}/call-check").text
        or check.staff_typed_at
    )


def test_n14_three_wrong_codes_end_it(world, as_user, case):
    check = start(world, as_user, case)
    rita = as_user("rita")
    for _n in range(3):
        assert rita.post(f"/cases/{case.key}/call-check", data={"code": "wrong"}).status_code == 303
    assert (check.state, check.contact_tries) == ("failed", 3)
    assert rita.post(f"/cases/{case.key}/call-check", data={"code": code_of_staff(check)}).status_code == 409
    assert check.state == "failed"
    assert "call.check_failed" in world.event_names(case)


def test_n14_it_expires_after_ten_minutes(world, as_user, case, travel):
    check = start(world, as_user, case)
    travel(minutes=10)
    assert as_user("rita").post(f"/cases/{case.key}/call-check", data={"code": code_of_staff(check)}).status_code == 409
    assert check.state == "open"
    assert code_of_contact(check) not in as_user("rita").get(f"/cases/{case.key}").text
    assert start(world, as_user, case).id != check.id


@pytest.mark.parametrize("code", ["", " ", "x" * 500, "\x00", "١٢٣٤٥٦"])
def test_n14_what_is_no_code_confirms_nothing(world, as_user, case, code):
    check = start(world, as_user, case)
    assert as_user("rita").post(f"/cases/{case.key}/call-check", data={"code": code}).status_code in (303, 422)
    assert check.contact_typed_at is None


def test_n14_only_the_two_on_the_phone_confirm(world, as_user, case):
    check = start(world, as_user, case)
    world.put_in_copy(case, "mel@acme.example")
    path = f"/cases/{case.key}/call-check"
    for who in ("mel", "gil", "olga"):
        assert as_user(who).get(path, checked=False).status_code == 404, who
        assert as_user(who).post(path, data={"code": code_of_staff(check)}, checked=False).status_code == 404, who
    assert code_of_contact(check) not in as_user("mel").get(f"/cases/{case.key}").text
    lee = as_user("lee").post(f"/desk{path}/code", data={"code": code_of_contact(check)}, checked=False)
    assert lee.status_code == 403
    assert as_user("lee").post(f"/desk{path}").status_code == 409
    assert code_of_staff(check) not in as_user("lee").get(f"/desk{path}").text
    assert as_user("tom").get(f"/desk{path}", checked=False).status_code == 404
    assert as_user("aud").post(f"/desk{path}", checked=False).status_code == 403


def test_n14_a_sensitive_case_is_resolved_only_after_a_check(world, as_user, case):
    choose_checked_types(world.ctx("ada"), [case.request_type_id])
    with pytest.raises(Refused, match="need a passed call check"):
        resolve(world.ctx("ana"), case, solution="Done")
    refused = as_user("ana").post(f"/desk/cases/{case.key}/status", data={"status": "resolved", "body": "It is done."})
    assert refused.status_code == 422
    assert "need a passed call check" in refused.text
    assert "It is done." in refused.text
    type_both(world, as_user, case, start(world, as_user, case))
    resolve(world.ctx("ana"), world.reload(case), solution="Done")
    assert world.reload(case).state == "resolved"


def test_n14_a_lead_says_why_no_check_is_needed(world, as_user, case):
    choose_checked_types(world.ctx("ada"), [case.request_type_id])
    path = f"/desk/cases/{case.key}/call-check/skip"
    assert as_user("ana").post(path, data={"reason": "Because"}, checked=False).status_code == 403
    assert as_user("lee").post(path, data={"reason": ""}).status_code == 422
    assert as_user("lee").post(path, data={"reason": "We met in person"}).status_code == 303
    assert as_user("lee").post(path, data={"reason": "Again"}).status_code == 409
    resolve(world.ctx("ana"), world.reload(case), solution="Done")
    assert "We met in person" in as_user("ana").get(f"/desk/cases/{case.key}").text
    assert "We met in person" not in as_user("rita").get(f"/cases/{case.key}").text


def test_n14_other_cases_need_none_and_clients_may_close(world, as_user, case):
    other = world.types["outage"].id if world.types["outage"].id != case.request_type_id else world.types["question"].id
    choose_checked_types(world.ctx("ada"), [other])
    resolve(world.ctx("ana"), case, solution="Done")
    sensitive = world.open_case("rita", subject="Another one")
    choose_checked_types(world.ctx("ada"), [sensitive.request_type_id])
    assert as_user("rita").post(f"/cases/{sensitive.key}/close", data={"reason": ""}).status_code == 303


def test_n14_types_are_chosen_in_the_administration(world, as_user, case):
    ada = as_user("ada")
    assert ada.post("/admin/phone/checks", data={"types": str(case.request_type_id)}).status_code == 303
    assert f'value="{case.request_type_id}" checked' in " ".join(ada.get("/admin/phone/checks").text.split())
    assert "need a passed check" in as_user("ana").get(f"/desk/cases/{case.key}").text
    assert as_user("ana").get("/admin/phone/checks", checked=False).status_code == 403
    assert as_user("aud").post("/admin/phone/checks", checked=False).status_code == 403
    assert ada.post("/admin/phone/checks", data={"types": ["nothing", str(dt.date.min)]}).status_code == 303
