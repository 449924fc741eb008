"""New cases find an owner as their department says: through the verb of people, after rules, never above the most."""

import threading

import pytest

from portal.assignment.actions.assigning import give_case
from portal.cases.actions import desk
from portal.cases.models import Case
from portal.kernel.errors import Forbidden
from portal.tenants.actions.departments import change_department
from portal.tenants.models import Department, StaffDepartment, StaffMember
from tests.support.case_rules import make_case_rule


def set_way(world, way, most_open=None, key="service-desk"):
    row = world.row(Department, world.departments[key])
    change_department(world.ctx("ada", "staff"), row, name=row.name, active=True, assignment=way, most_open=most_open)
    world.session.flush()
    return row


def let_work_in(world, department, *people):
    """Exactly *people* work in *department*, in tier 1 and for all accounts."""
    for row in world.rows(StaffDepartment, StaffDepartment.department_id == department.id):
        world.session.delete(row)
    for who in people:
        member = world.row(StaffMember, world.person(who).staff_id)
        member.tier, member.all_accounts = 1, True
        world.session.add(
            StaffDepartment(provider_id=world.northwind.id, staff_id=member.id, department_id=department.id)
        )
    world.session.flush()


def open_in(world, department, **how):
    return world.open_case("rita", department_id=department.id, **how)


def owner_ids(cases):
    return [case.owner_id for case in cases]


def test_by_turn_everybody_gets_one_before_somebody_gets_two(world):
    department = set_way(world, "by_turn")
    let_work_in(world, department, "ana", "lee")
    cases = [open_in(world, department) for _n in range(4)]
    first, second = sorted([world.ana.staff_id, world.lee.staff_id], key=lambda one: one.int)
    assert owner_ids(cases) == [first, second, first, second]
    event = next(one for one in world.events_of(cases[0]) if one.name == "case.assigned")
    assert event.actor_user_id is None and event.facts["way"] == "by_turn"
    assert event.facts["by_department"] == department.name
    assert cases[0].state == "open" and cases[0].number


def test_nobody_gets_more_than_the_most_and_the_rest_stays_unassigned(world):
    department = set_way(world, "by_turn", most_open=1)
    let_work_in(world, department, "ana", "lee")
    cases = [open_in(world, department) for _n in range(3)]
    assert set(owner_ids(cases[:2])) == {world.ana.staff_id, world.lee.staff_id}
    assert cases[2].owner_id is None and cases[2].state == "new"
    # What waits for the customer is in nobody's hands.
    desk.ask(world.ctx("ana", "staff"), next(c for c in cases if c.owner_id == world.ana.staff_id), question="Which?")
    assert open_in(world, department).owner_id == world.ana.staff_id


def test_fewest_open_cases_counts_those_of_other_departments(world):
    department = set_way(world, "fewest_open")
    let_work_in(world, department, "ana", "lee")
    other = open_in(world, world.departments["business"])
    desk.assign(world.ctx("ada", "staff"), other, owner_id=world.ana.staff_id, department_id=other.department_id)
    assert open_in(world, department).owner_id == world.lee.staff_id


def test_by_hand_is_what_a_department_does_unless_it_is_told(world):
    department = world.row(Department, world.departments["service-desk"])
    let_work_in(world, department, "ana")
    assert department.assignment == "by_hand" and open_in(world, department).owner_id is None


def test_an_owner_whom_a_rule_set_stays(world):
    department = set_way(world, "by_turn")
    let_work_in(world, department, "ana")
    make_case_rule(world, subject_words="vpn", set_owner_id=world.lee.staff_id)
    assert open_in(world, department, subject="The VPN is down").owner_id == world.lee.staff_id
    assert open_in(world, department, subject="The printer").owner_id == world.ana.staff_id


def test_the_department_to_which_a_rule_routes_gives_the_case(world):
    department = set_way(world, "by_turn", key="business")
    let_work_in(world, department, "lee")
    make_case_rule(world, subject_words="invoice", set_department_id=department.id)
    case = open_in(world, world.departments["service-desk"], subject="The invoice")
    assert (case.department_id, case.owner_id) == (department.id, world.lee.staff_id)


def test_who_may_not_answer_the_account_is_no_candidate(world):
    department = set_way(world, "by_turn")
    let_work_in(world, department, "ana", "lee")
    for who, change in (
        ("ana", {"active": False}),
        ("ana", {"all_accounts": False, "accounts": []}),
        ("ana", {"tier": 3}),
    ):
        member = world.row(StaffMember, world.person(who).staff_id)
        before = {name: getattr(member, name) for name in ("active", "all_accounts", "tier")}
        world.session.refresh(member, ["accounts"])
        for name, value in change.items():
            setattr(member, name, value)
        world.session.flush()
        cases = [open_in(world, department) for _n in range(2)]
        assert owner_ids(cases) == [world.lee.staff_id] * 2, change
        for name, value in before.items():
            setattr(member, name, value)
        world.session.flush()


def test_who_is_excluded_from_the_case_is_no_candidate(world):
    """A case that is opened excludes nobody yet; one that is given later may."""
    department = set_way(world, "by_hand")
    let_work_in(world, department, "ana", "lee")
    case = open_in(world, department)
    world.exclude(case, "ana")
    set_way(world, "by_turn")
    assert give_case(world.system(), case)
    assert case.owner_id == world.lee.staff_id


def test_only_administrators_say_how_cases_are_assigned(world):
    row = world.row(Department, world.departments["business"])
    for who in ("ana", "lee", "aud"):
        with pytest.raises(Forbidden):
            change_department(world.ctx(who, "staff"), row, name=row.name, active=True, assignment="by_turn")


def test_a_page_sets_the_way_and_says_what_it_cannot_take(world, as_user):
    ada, department = as_user("ada"), world.departments["business"]
    path = f"/admin/departments/{department.id}"
    good = {"name": department.name, "active": "y", "assignment": "by_turn", "most_open": "8"}
    assert ada.post(path, data=good).status_code == 303
    row = world.row(Department, department)
    world.session.refresh(row)
    assert (row.assignment, row.most_open) == ("by_turn", 8)
    for wrong in ({"most_open": "0"}, {"most_open": "1000"}, {"most_open": "many"}, {"assignment": "by_dice"}):
        answer = ada.post(path, data={**good, **wrong})
        assert answer.status_code == 422, wrong
        assert "Night" in ada.post(path, data={**good, **wrong, "name": "Night"}).get_data(as_text=True)
    world.session.refresh(row)
    assert (row.assignment, row.most_open) == ("by_turn", 8)
    assert ada.post(path, data={**good, "most_open": ""}).status_code == 303
    world.session.refresh(row)
    assert row.most_open is None
    assert ada.post(path, data={"name": "Night", "active": "y"}).status_code == 303
    world.session.refresh(row)
    assert (row.name, row.assignment) == ("Night", "by_turn"), "a form that does not ask keeps it"
    shown = as_user("aud").get(path).get_data(as_text=True)
    assert "Go to its people by turn" in shown


def test_contacts_do_not_read_why(world, as_user):
    department = set_way(world, "by_turn")
    let_work_in(world, department, "ana")
    case = open_in(world, department)
    assert "By turn in the department" in as_user("ana").get(f"/desk/cases/{case.key}").get_data(as_text=True)
    assert "By turn" not in as_user("rita").get(f"/cases/{case.key}").get_data(as_text=True)


def test_cases_opened_at_once_never_give_somebody_more_than_the_most(live):
    with live.inside() as world:
        department = set_way(world, "by_turn", most_open=1, key="service-desk")
        let_work_in(world, department, "ana", "lee")
        department_id = department.id
        make_case_rule(world, name="All to the desk", set_department_id=department_id)
        world.session.commit()
    browsers = [live.client("rita") for _n in range(5)]
    start, answers = threading.Barrier(len(browsers)), []

    def press(number, browser):
        start.wait()
        data = {"subject": f"Case {number}", "description": f"It stays empty, number {number}", "severity": "3"}
        answers.append(browser.post("/new/outage", data={**data, "once": f"turn-{number}"}).status_code)

    threads = [threading.Thread(target=press, args=row) for row in enumerate(browsers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers == [303] * len(browsers)
    with live.inside() as world:
        owners = [case.owner_id for case in world.rows(Case, Case.department_id == department_id)]
        assert len(owners) >= len(browsers)
        assert all(owners.count(who.staff_id) <= 1 for who in (world.ana, world.lee))
        assert {world.ana.staff_id, world.lee.staff_id} <= set(owners)
