"""What somebody who leaves the desk owns: listed and handed over on that screen, or nobody's, which leads hear."""

import pytest

from portal.cases.actions import desk, people
from portal.cases.queries import staff_cases
from portal.notifications.models import Notification
from portal.surveys import actions as surveys
from portal.surveys.models import SurveyFollowUp
from portal.surveys.queries import open_survey
from portal.tenants.actions import staff
from portal.tenants.actions.accounts import set_account_manager
from portal.tenants.models import Account, StaffMember
from portal.tenants.queries import staff as staff_queries


def heard(world, case):
    return {row.user_id for row in world.rows(Notification, Notification.case_id == case.id)}


def test_the_screen_counts_their_open_cases_and_hands_them_over(world, as_user, run_outbox):
    case, over = world.case_in("open", staff="ana"), world.case_in("closed", staff="ana")
    path = f"/admin/staff/{world.ana.staff_id}/end"
    page = as_user("ada").get(path).page
    assert "They own 1 open case." in page.text
    answer = as_user("ada").post(path, data={"hand_to": str(world.lee.staff_id)})
    text = as_user("ada").get(answer.headers["Location"]).page.text
    assert "Ana Silva no longer has access." in text and "1 open case is with Lee Chen now." in text
    assert "Nobody owns" not in text
    assert world.reload(case).owner.user_id == world.lee.id
    assert world.reload(over).owner.user_id == world.ana.id
    run_outbox()
    assert world.lee.id in heard(world, case)


def test_what_nobody_takes_over_is_unassigned_and_the_leads_hear_of_it(world, as_user, run_outbox):
    case = world.case_in("open", staff="ana")
    path = f"/admin/staff/{world.ana.staff_id}/end"
    assert "They own 1 open case." in as_user("pat").get(path).page.text  # who sees no case counts the same
    answer = as_user("ada").post(path)
    text = as_user("ada").get(answer.headers["Location"]).page.text
    assert "Nobody owns 1 open case now; the leads are notified." in text and "open case is with" not in text
    assert world.reload(case).owner is None and world.event_names(case)[-1] == "case.assigned"
    assert case.key in as_user("lee").get("/desk/queue/unassigned").page.text
    run_outbox()
    assert heard(world, case) == {world.lee.id}


def test_who_may_not_own_a_case_does_not_get_it(world, as_user):
    case = world.case_in("open", staff="ana")
    answer = as_user("ada").post(f"/admin/staff/{world.ana.staff_id}/end", data={"hand_to": str(world.tom.staff_id)})
    assert answer.status_code == 303 and world.reload(case).owner is None  # Tom looks after Globex only


def test_nonsense_is_refused_and_changes_nothing(world, as_user):
    case = world.case_in("open", staff="ana")
    for wrong in ("x", str(world.rita.id), str(world.ana.staff_id)):
        answer = as_user("ada").post(f"/admin/staff/{world.ana.staff_id}/end", data={"hand_to": wrong})
        assert answer.status_code == 422 and "Choose a member of your team" in answer.page.text
    assert world.reload(case).owner.user_id == world.ana.id


def test_an_owner_who_loses_the_account_loses_the_case(world):
    case = world.case_in("open", staff="ana")
    member = staff_queries.staff_member(world.ctx("ada"), world.ana.staff_id)
    staff.change_staff(
        world.ctx("ada"),
        member,
        role="agent",
        tier=1,
        all_accounts=False,
        accounts=[world.globex.id],
        departments=[],
    )
    assert world.reload(case).owner is None


def end_path(world, who="ana"):
    return f"/admin/staff/{world.person(who).staff_id}/end"


def choices_of(page):
    select = page.first("select", name="hand_to")
    return {option.get("value"): " ".join(option.text.split()) for option in select.all("option")}


def test_the_screen_lists_what_they_own_with_account_and_department(world, as_user):
    case = world.case_in("open", staff="ana", subject="Scanner offline")
    desk.assign(world.ctx("ana"), case, owner_id=world.ana.staff_id, department_id=world.departments["service-desk"].id)
    page = as_user("ada").get(end_path(world)).page
    section = page.first("section", class_="leaver-cases")
    for words in ("Scanner offline", case.key, "Acme", world.departments["service-desk"].name):
        assert words in section.text
    assert f"/desk/cases/{case.key}" in page.links
    assert "This person is notified. What they may not own goes to the queue of its department" in section.text


@pytest.mark.parametrize("who", ["ana", "lee", "aud"])
def test_only_who_configures_reads_and_answers_the_question(world, as_user, who):
    assert as_user(who).get(end_path(world, "tom")).status_code == 403
    assert as_user(who).post(end_path(world, "tom"), data={}).status_code == 403


def test_a_case_that_excludes_the_administrator_is_neither_listed_nor_counted(world, as_user):
    case = world.case_in("open", staff="ana", subject="About the boss")
    people.exclude(world.ctx("ana"), case, world.ada.id)
    page = as_user("ada").get(end_path(world)).page
    assert "They own 0 open cases." in page.text and "About the boss" not in page.text and case.key not in page.text
    assert not page.all("select", name="hand_to")
    assert as_user("ada").post(end_path(world), data={}).status_code == 303
    assert world.reload(case).owner is None  # nothing stays with somebody who is gone


def test_who_sees_no_case_counts_only(world, as_user):
    case = world.case_in("open", staff="ana", subject="Scanner offline")
    page = as_user("pat").get(end_path(world)).page
    assert "They own 1 open case." in page.text and "1 open case is not shown to you" in page.text
    assert "Scanner offline" not in page.text and case.key not in page.text
    assert str(world.lee.staff_id) in choices_of(page)


def test_offered_is_who_may_own_a_case_and_which_they_may_not(world, as_user):
    case, other = (world.case_in("open", staff="ana") for _n in range(2))
    people.exclude(world.ctx("ana"), case, world.lee.id)
    found = choices_of(as_user("ada").get(end_path(world)).page)
    assert found[""] == "Nobody: the queue of each department"
    assert found[str(world.lee.staff_id)] == f"Lee Chen, but not {case.key}"
    assert str(world.tom.staff_id) not in found and str(world.ana.staff_id) not in found
    answer = as_user("ada").post(end_path(world), data={"hand_to": str(world.lee.staff_id)})
    text = as_user("ada").get(answer.headers["Location"]).page.text
    assert "1 open case is with Lee Chen now. Nobody owns 1 open case now" in text
    assert world.reload(case).owner is None and world.reload(other).owner.user_id == world.lee.id


def test_a_case_that_came_meanwhile_is_a_conflict_and_the_answer_stays(world, as_user):
    world.case_in("open", staff="ana")
    form = as_user("ada").get(end_path(world)).page.form(end_path(world))
    late = world.case_in("open", staff="ana", subject="Came late")
    answer = as_user("ada").submit(form, hand_to=str(world.lee.staff_id))
    assert answer.status_code == 409 and "Came late" in answer.page.text
    assert world.row(StaffMember, world.ana.staff_id).active
    form = answer.page.form(end_path(world))
    assert form["hand_to"] == str(world.lee.staff_id)
    assert as_user("ada").submit(form).status_code == 303
    assert world.reload(late).owner.user_id == world.lee.id


def test_nobody_ends_twice(world, as_user):
    assert as_user("ada").post(end_path(world), data={}).status_code == 303
    again = as_user("ada").post(end_path(world), data={})
    assert again.status_code == 409 and "Ana Silva no longer works here" in again.page.text


@pytest.mark.parametrize("to", ["lee", None])
def test_accounts_and_follow_ups_do_not_stay_with_who_left(world, as_user, to):
    acme, globex = (world.row(Account, account.id) for account in (world.acme, world.globex))
    for account in (acme, globex):
        set_account_manager(world.ctx("ada"), account, world.ana.staff_id)
    member = staff_queries.staff_member(world.ctx("ada"), world.ana.staff_id)
    staff.change_staff(world.ctx("ada"), member, role="lead", tier=1, all_accounts=True, accounts=[], departments=[])
    case = world.case_in("closed", by="rita")
    rita = world.ctx("rita", "contact")
    survey = open_survey(rita, case)
    surveys.answer(rita, survey, case, answers={"q1": 1})
    surveys.take(world.ctx("ana"), survey, case)
    text = as_user("ada").get(end_path(world)).page.text
    assert "They are the account manager of Acme" in text and "They follow up 1 low answer of customers." in text
    staff_id = world.person(to).staff_id if to else None
    assert as_user("ada").post(end_path(world), data={"hand_to": str(staff_id or "")}).status_code == 303
    assert {world.row(Account, account.id).manager_id for account in (acme, globex)} == {staff_id}
    [task] = world.rows(SurveyFollowUp, SurveyFollowUp.survey_id == survey.id)
    assert task.owner_id == staff_id and task.done_at is None
    event = world.events_of(case)[-1]
    assert (event.name, event.facts["owner_name"]) == ("survey.follow_up_released", "Lee Chen" if to else "")
    words = "Follow-up handed to Lee Chen" if to else "Nobody follows this up any more"
    assert words in as_user("ada").get(f"/desk/cases/{case.key}/history").page.text


def test_who_may_not_follow_up_gets_no_follow_up(world, as_user):
    case = world.case_in("closed", by="rita")
    rita = world.ctx("rita", "contact")
    survey = open_survey(rita, case)
    surveys.answer(rita, survey, case, answers={"q1": 1})
    surveys.take(world.ctx("lee"), survey, case)
    assert as_user("ada").post(end_path(world, "lee"), data={"hand_to": str(world.ana.staff_id)}).status_code == 303
    [task] = world.rows(SurveyFollowUp, SurveyFollowUp.survey_id == survey.id)
    assert task.owner_id is None


def test_many_cases_are_counted_exactly_and_handed_over_all(world, as_user, monkeypatch):
    monkeypatch.setattr(staff_cases, "LISTED_CASES", 1)
    cases = [world.case_in("open", staff="ana") for _n in range(3)]
    page = as_user("ada").get(end_path(world)).page
    assert "They own 3 open cases." in page.text and "2 more open cases are not listed here" in page.text
    assert as_user("ada").submit(page.form(end_path(world)), hand_to=str(world.lee.staff_id)).status_code == 303
    assert {world.reload(case).owner.user_id for case in cases} == {world.lee.id}


def test_the_list_costs_the_same_for_many_cases(world, as_user, statements):
    world.case_in("open", staff="ana")
    as_user("ada").get(end_path(world))
    with statements() as few:
        as_user("ada").get(end_path(world))
    for _n in range(5):
        world.case_in("open", staff="ana")
    with statements() as many:
        as_user("ada").get(end_path(world))
    assert len(many) == len(few)
