"""Asking for a yes and answering it, through the actions that every channel uses."""

import datetime as dt

import pytest

from portal.approvals.actions import answers
from portal.approvals.actions.answers import HandAsking
from portal.approvals.engine.steps import Mode
from portal.cases.actions import desk, details, people, resolution
from portal.cases.models import CaseGrant, RequestType
from portal.kernel.errors import Conflict, Forbidden, Refused
from tests.support.approvals import make_rule, request_of, step


def test_m2_a_rule_asks_when_a_case_is_opened(world):
    make_rule(world)
    case = world.open_case("rita", visibility="private")
    row = request_of(world, case)
    assert (row.state, case.approval, row.waiting_ids) == ("asked", "asked", [world.olga.id])
    assert "approval.asked" in world.event_names(case)
    olga = world.ctx("olga")
    answers.answer(olga, case, approves=True)
    assert (world.reload(case).approval, request_of(world, case).state) == ("approved", "approved")
    with pytest.raises(Conflict):
        answers.answer(olga, case, approves=False, reason="Too late")


def test_m2_a_refusal_needs_a_reason_and_tells_it(world):
    make_rule(world)
    case = world.open_case("rita")
    with pytest.raises(Refused):
        answers.answer(world.ctx("olga"), case, approves=False, reason=" ")
    answers.answer(world.ctx("olga"), case, approves=False, reason="Not this quarter")
    assert (world.reload(case).approval, case.state) == ("refused", "new")
    assert world.events_of(case)[-1].facts["reason"] == "Not this quarter"
    answers.ask_again(world.ctx("rita"), case)
    assert (world.reload(case).approval, request_of(world, case).number) == ("asked", 2)


def test_m2_nobody_approves_their_own(world):
    make_rule(world, step(world.mel.email, world.olga.email, mode="all"))
    case = world.open_case("mel", visibility="shared")
    row = request_of(world, case)
    assert row.waiting_ids == [world.olga.id]
    with pytest.raises(Forbidden):
        answers.answer(world.ctx("mel"), case, approves=True)
    with pytest.raises(Forbidden):
        answers.answer(world.ctx("ana", "staff"), case, approves=True)
    behalf = world.open_case("cora", contact="olga", visibility="private")
    assert request_of(world, behalf).waiting_ids == [world.mel.id], "neither does the contact"


def test_m2_a_case_without_anybody_to_ask_says_so(world):
    make_rule(world, step(world.olga.email))
    case = world.open_case("olga")
    row = request_of(world, case)
    assert (row.state, row.stuck, row.waiting_ids) == ("asked", True, [])
    assert "approval.stuck" in world.event_names(case)
    answers.add_approver(world.ctx("ana", "staff"), case, world.mel.id)
    row = request_of(world, case)
    assert (row.stuck, row.waiting_ids) == (False, [world.mel.id])
    answers.answer(world.ctx("mel"), case, approves=True)
    assert world.reload(case).approval == "approved"


def test_m2_steps_follow_one_another_and_let_people_in_late(world):
    make_rule(world, step(world.olga.email), step(world.mel.email, world.piotr.email, mode="count", needed=2))
    case = world.open_case("rita", visibility="private")
    assert {row.user_id for row in world.rows(CaseGrant, CaseGrant.case_id == case.id)} <= {world.olga.id}
    answers.answer(world.ctx("olga"), case, approves=True)
    row = request_of(world, case)
    assert (row.step, set(row.waiting_ids)) == (1, {world.mel.id, world.piotr.id})
    assert "approval.continued" in world.event_names(case)
    answers.answer(world.ctx("mel"), case, approves=True)
    with pytest.raises(Conflict):
        answers.answer(world.ctx("mel"), case, approves=True)
    answers.answer(world.ctx("piotr"), case, approves=True)
    assert world.reload(case).approval == "approved"


def test_m2_a_deputy_says_yes_for_somebody(world):
    make_rule(world, step(f"{world.olga.email} / {world.mel.email}"))
    case = world.open_case("rita", visibility="private")
    answers.answer(world.ctx("mel"), case, approves=True)
    facts = world.events_of(case)[-1].facts
    assert facts["seat_name"] == world.olga.name and world.reload(case).approval == "approved"


def test_m2_an_excluded_person_is_not_asked(world):
    make_rule(world, step(world.olga.email, world.mel.email))
    case = world.open_case("rita", visibility="private")
    people.exclude(world.ctx("rita"), case, world.olga.id)
    assert request_of(world, case).waiting_ids == [world.mel.id]
    people.exclude(world.ctx("rita"), case, world.mel.id)
    row = request_of(world, case)
    assert (row.stuck, row.waiting_ids, row.state) == (True, [], "asked")
    people.lift_exclusion(world.ctx("rita"), case, world.olga.id)
    assert request_of(world, case).stuck, "she was taken off the case, and nobody let her in again"
    answers.add_approver(world.ctx("ana", "staff"), case, world.olga.id)
    assert request_of(world, case).waiting_ids == [world.olga.id]


def test_m2_a_changed_case_is_asked_about_again(world):
    make_rule(world)
    case = world.open_case("rita", severity=3)
    answers.answer(world.ctx("olga"), case, approves=True)
    desk.redefine_severity(world.ctx("ana", "staff"), case, severity=2, reason="Many are hit")
    row = request_of(world, case)
    assert (row.number, row.state, row.approved_facts["severity"][0], row.facts["severity"][0]) == (2, "asked", 3, 2)
    desk.redefine_severity(world.ctx("ana", "staff"), case, severity=3, reason="Few after all")
    row = request_of(world, case)
    assert (row.number, row.state) == (3, "asked")


def test_m2_a_rule_for_production_asks_when_the_case_moves_there(world):
    make_rule(world, environment_kind="production")
    case = world.open_case("rita", environment="Test")
    assert case.approval == ""
    contact = world.person("rita")
    kind = world.row(RequestType, world.types["outage"])
    move = {"subject": case.subject, "request_type": kind, "contact_id": contact.contact_id, "department_id": None}
    production = world.environments["ACME", "Production"].id
    details.edit(world.ctx("ana", "staff"), case, environment_id=production, **move)
    assert world.reload(case).approval == "asked"
    details.edit(world.ctx("ana", "staff"), case, environment_id=world.environments["ACME", "Test"].id, **move)
    assert (world.reload(case).approval, request_of(world, case).end_reason) == ("", "not_needed")


def test_m2_the_end_of_a_case_ends_the_question(world):
    make_rule(world)
    case = world.open_case("rita")
    desk.take(world.ctx("ana", "staff"), case)
    resolution.resolve(world.ctx("ana", "staff"), case, solution="Done.", check="")
    row = request_of(world, case)
    assert (row.state, row.end_reason) == ("withdrawn", "ended")
    resolution.reject(world.ctx("rita", "contact"), case, reason="No")
    assert request_of(world, case).state == "asked"


def test_m2_whoever_wants_it_takes_it_back(world):
    make_rule(world)
    case = world.open_case("rita", visibility="shared")
    with pytest.raises(Forbidden):
        answers.withdraw(world.ctx("mel"), case)
    answers.withdraw(world.ctx("rita"), case, reason="Not now")
    assert (request_of(world, case).state, world.reload(case).approval) == ("withdrawn", "")
    with pytest.raises(Conflict):
        answers.answer(world.ctx("olga"), case, approves=True)


def test_m2_staff_ask_by_hand(world):
    case = world.open_case("rita", visibility="private")
    wish = HandAsking("May we restart it?", [world.mel.id, world.olga.id], mode=Mode.ALL, due_hours=48)
    answers.ask_by_hand(world.ctx("ana", "staff"), case, wish)
    assert set(request_of(world, case).waiting_ids) == {world.mel.id, world.olga.id}
    with pytest.raises(Conflict):
        answers.ask_by_hand(world.ctx("ana", "staff"), case, wish)
    with pytest.raises(Refused):
        answers.ask_by_hand(world.ctx("ana", "staff"), world.open_case("rita"), HandAsking("?", [world.gil.id]))
    answers.answer(world.ctx("mel"), case, approves=True)
    answers.answer(world.ctx("olga"), case, approves=True)
    assert world.reload(case).approval == "approved"


def test_m2_a_question_to_colleagues_stays_on_the_desk(world):
    case = world.open_case("rita")
    wish = HandAsking("May I change the firewall?", [world.lee.id], internal=True)
    answers.ask_by_hand(world.ctx("ana", "staff"), case, wish)
    assert world.reload(case).approval == ""
    assert [name for name in world.event_names(case) if "approval" in name] == ["approval.asked_inside"]
    with pytest.raises(Forbidden):
        answers.answer(world.ctx("ana", "staff"), case, approves=True)
    answers.answer(world.ctx("lee", "staff"), case, approves=True)
    assert request_of(world, case).state == "approved"


def test_m2_reminders_and_the_end_come_from_the_clock(world, travel, run_outbox):
    make_rule(world, due_hours=72, remind_hours=24)
    case = world.open_case("rita")
    travel(seconds=dt.timedelta(hours=25).total_seconds())
    run_outbox()
    assert world.event_names(case).count("approval.reminded") == 1
    run_outbox()
    assert world.event_names(case).count("approval.reminded") == 1, "a second look changes nothing"
    travel(seconds=dt.timedelta(hours=50).total_seconds())
    run_outbox()
    assert (request_of(world, case).state, world.reload(case).approval) == ("expired", "")
    assert world.event_names(case)[-1] == "approval.expired"
