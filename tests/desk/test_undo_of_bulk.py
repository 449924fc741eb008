"""A change of many cases is taken back by one press, for those that nobody changed since."""

import pytest

from portal.cases.actions import desk
from portal.cases.queries.tags import tags_of_case


@pytest.fixture
def cases(world):
    return [world.open_case("rita"), world.open_case("rita", subject="The second"), world.case_in("open")]


def change(browser, cases, **fields):
    """Change *cases* as the bulk page does; returns the button of the notice that takes it back."""
    answer = browser.post("/desk/bulk?view=all", data={"case": [case.key for case in cases], "confirm": "1", **fields})
    page = answer.page if answer.status_code == 200 else browser.get(answer.headers["Location"]).page
    forms = [form for form in page.forms if form.action.startswith("/desk/bulk/undo")]
    return forms[0] if forms else None


def owners(world, cases):
    return [world.reload(case).owner_id for case in cases]


def tags(world, case):
    return [name for _id, name in tags_of_case(world.ctx("ana", "staff"), case.id)]


def test_owners_are_given_back_without_a_script(world, as_user, cases):
    ana, before = as_user("ana"), owners(world, cases)
    button = change(ana, cases, action="assign", owner=str(world.lee.staff_id))
    assert owners(world, cases) == [world.lee.staff_id] * 3
    answer = ana.submit(button)
    assert answer.status_code == 303 and owners(world, cases) == before
    assert "3 cases are as before." in ana.get(answer.headers["Location"]).page.text
    for case in cases[:2]:
        assert world.event_names(case).count("case.assigned") == 2 and world.reload(case).state == "open"
    # A second press of a page that is shown again: everything has another owner by now.
    again = ana.submit(button)
    assert again.status_code == 200 and "3 were left alone:" in again.page.text


def test_departments_and_tags_are_given_back(world, as_user, cases):
    ana, wanted = as_user("ana"), world.departments["infrastructure"].id
    before = [world.reload(case).department_id for case in cases]
    assert wanted not in before
    ana.submit(change(ana, cases, action="department", department=str(wanted)))
    assert [world.reload(case).department_id for case in cases] == before
    ana.submit(change(ana, cases[:2], action="tag", tag="vip, on site"))
    assert tags(world, cases[0]) == []
    change(ana, cases[:1], action="tag", tag="vip")
    ana.submit(change(ana, cases, action="tag", tag="vip, late"))
    assert tags(world, cases[0]) == ["vip"] and tags(world, cases[1]) == []
    ana.submit(change(ana, cases, action="untag", tag="vip"))
    assert tags(world, cases[0]) == ["vip"]


def test_what_somebody_changed_since_is_left_alone_and_named(world, as_user, cases):
    ana, before = as_user("ana"), owners(world, cases)
    button = change(ana, cases, action="take")
    case = world.reload(cases[1])
    desk.assign(world.ctx("ada", "staff"), case, owner_id=world.lee.staff_id, department_id=case.department_id)
    answer = ana.submit(button)
    assert answer.status_code == 200 and "1 case is as before." in answer.page.text
    assert cases[1].key in answer.page.text and "It has another owner by now." in answer.page.text
    assert owners(world, cases) == [before[0], world.lee.staff_id, before[2]]


def test_closings_and_old_changes_are_not_offered(world, as_user, cases, travel):
    ana = as_user("ana")
    assert change(ana, cases[2:], action="close", reason="Done") is None
    button = change(ana, cases[:2], action="take")
    travel(minutes=11)
    answer = ana.submit(button, checked=False)
    assert answer.status_code == 422 and "Nothing of it can be undone any more" in answer.text
    assert owners(world, cases[:2]) == [world.ana.staff_id] * 2


def test_only_who_did_it_takes_it_back(world, as_user, cases):
    ana = as_user("ana")
    button = change(ana, cases, action="take")
    run = button["run"]
    for who in ("lee", "ada", "tom"):
        page = as_user(who).get(f"/desk/bulk/undo?run={run}").page
        assert cases[0].key not in page.text
        answer = as_user(who).post("/desk/bulk/undo", data={"run": run}, checked=False)
        assert answer.status_code == 422
    assert owners(world, cases) == [world.ana.staff_id] * 3
    page = ana.get(f"/desk/bulk/undo?run={run}").page
    assert all(case.key in page.text for case in cases[:2]), "the third was hers already"


@pytest.mark.parametrize("run", ["", "x" * 70, "\x00", "' OR 1=1 --"])
def test_what_is_no_press_is_refused(world, as_user, run):
    ana = as_user("ana")
    assert ana.post("/desk/bulk/undo", data={"run": run}, checked=False).status_code == 422
    assert ana.get("/desk/bulk/undo", query_string={"run": run}, checked=False).status_code == 200
