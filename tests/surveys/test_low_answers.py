"""A low answer: a task that somebody takes and ends, who hears of it, and the call that was wanted."""

import datetime as dt

import pytest

from portal.kernel import clock, tokens
from portal.kernel.errors import Conflict, Forbidden
from portal.notifications.models import Notification, OutgoingMail
from portal.surveys import actions as surveys
from portal.surveys.actions import plan as plan_actions
from portal.surveys.actions import questions as question_actions
from portal.surveys.engine.invitations import SurveyTerms
from portal.surveys.models import Survey, SurveyFollowUp
from portal.surveys.queries import open_survey
from portal.tenants.models import StaffMember


@pytest.fixture
def low(world):
    """Rita gave one star; nobody followed it up yet."""
    return answered(world, world.case_in("closed", by="rita", visibility="shared"), q1=1, q2="Three days, no word")


def answered(world, case, who="rita", **answers):
    ctx = world.ctx(who, "contact")
    survey = open_survey(ctx, case)
    surveys.answer(ctx, survey, case, answers=answers)
    [row] = world.rows(Survey, Survey.case_id == case.id)
    return row, case


def task_of(world, survey):
    return world.rows(SurveyFollowUp, SurveyFollowUp.survey_id == survey.id)


@pytest.mark.parametrize(("score", "tasks"), [(1, 1), (2, 1), (3, 0), (5, 0)])
def test_one_or_two_stars_open_a_task_and_more_do_not(world, score, tasks):
    survey, _case = answered(world, world.case_in("closed"), q1=score)
    assert len(task_of(world, survey)) == tasks and survey.low == bool(tasks)


def test_a_no_opens_a_task_where_the_set_watches_for_it(world):
    solved = {"kind": "yes_no", "text": "Is it solved?", "required": True}
    question_actions.publish_questions(world.ctx("ada"), [{**solved, "low": True}, solved])
    survey, _case = answered(world, world.case_in("closed"), q1="no", q2="yes")
    assert len(task_of(world, survey)) == 1 and survey.score is None
    survey, _case = answered(world, world.case_in("closed"), q1="yes", q2="no")
    assert task_of(world, survey) == []


def test_the_task_is_due_after_the_providers_days(world):
    plan_actions.change_plan(world.ctx("ada"), SurveyTerms(follow_up_days=5))
    survey, _case = answered(world, world.case_in("closed"), q1=1)
    [task] = task_of(world, survey)
    assert task.due_at == survey.answered_at + dt.timedelta(days=5)
    assert (task.owner_id, task.done_at) == (None, None)


def test_the_lead_takes_it_and_ends_it_with_a_note_without_script(world, as_user, low, events_of):
    survey, case = low
    lee = as_user("lee")
    assert (
        lee.submit(lee.get(f"/desk/surveys/{survey.id}").page.form(f"/desk/surveys/{survey.id}/take")).status_code
        == 303
    )
    [task] = task_of(world, survey)
    assert task.owner_id == world.lee.staff_id
    path = f"/desk/surveys/{survey.id}/done"
    assert lee.post(path, data={"note": " "}).status_code == 422
    assert lee.submit(lee.get(path).page.form(path), note="Called her; she is fine now").status_code == 303
    assert (task.note, task.done_at is not None) == ("Called her; she is fine now", True)
    assert {"survey.low_score", "survey.follow_up_taken", "survey.followed_up"} <= set(events_of(case))
    for path in (f"/desk/surveys/{survey.id}", f"/desk/cases/{case.key}"):
        assert "she is fine now" in lee.get(path).page.text
    assert "she is fine now" not in as_user("rita").get(f"/cases/{case.key}").text


def test_what_is_done_is_not_done_twice_and_the_words_stay(world, as_user, low):
    survey, case = low
    surveys.finish(world.ctx("ada"), survey, case, note="Done by Ada")
    answer = as_user("lee").post(f"/desk/surveys/{survey.id}/done", data={"note": "Mine"})
    assert answer.status_code == 409 and "Mine" in answer.text and task_of(world, survey)[0].note == "Done by Ada"
    with pytest.raises(Conflict):
        surveys.take(world.ctx("lee"), survey, case)


def test_a_colleague_may_take_it_over(world, low):
    survey, case = low
    surveys.take(world.ctx("lee"), survey, case)
    with pytest.raises(Conflict):
        surveys.take(world.ctx("lee"), survey, case)
    assert surveys.take(world.ctx("ada"), survey, case).owner_id == world.ada.staff_id


@pytest.mark.parametrize("who", ["ana", "aud"])
def test_agents_and_auditors_read_and_do_not_follow_up(world, as_user, low, who):
    survey, case = low
    assert as_user(who).get(f"/desk/surveys/{survey.id}").status_code == 200
    assert as_user(who).post(f"/desk/surveys/{survey.id}/take").status_code == 403
    with pytest.raises(Forbidden):
        surveys.finish(world.ctx(who), survey, case, note="x")


def test_an_answer_that_was_not_low_has_no_task_page(world, as_user):
    survey, _case = answered(world, world.case_in("closed"), q1=5)
    assert as_user("lee").get(f"/desk/surveys/{survey.id}/take").status_code == 404


# -- who hears of it ------------------------------------------------------------------------------------------------


def told(world, survey):
    events = {e.id for e in world.events_of(world.reload(survey_case(world, survey))) if e.name == "survey.low_score"}
    bells = world.rows(Notification, Notification.event_id.in_(events))
    mails = world.rows(OutgoingMail, OutgoingMail.kind == "low_score", OutgoingMail.case_id == survey.case_id)
    assert {b.user_id for b in bells} == {m.user_id for m in mails}
    return {name for name, person in world.northwind.people.items() if person.id in {b.user_id for b in bells}}


def survey_case(world, survey):
    from portal.cases.models import Case

    return world.row(Case, survey.case_id)


def test_the_lead_hears_at_the_bell_and_by_mail(world, run_outbox, as_user, low):
    survey, case = low
    run_outbox()
    assert told(world, survey) == {"lee"}
    [mail] = world.rows(OutgoingMail, OutgoingMail.kind == "low_score")
    assert mail.subject == f"Score 1 of 5: {case.subject} [{case.key}]"
    assert "Three days, no word" in mail.text and f"/desk/surveys/{survey.id}" in mail.text
    assert f"/desk/cases/{case.key}" in mail.text and "/s/" not in mail.text
    assert "1 of 5 stars" in as_user("lee").get("/notifications").page.text


@pytest.mark.parametrize(
    ("low_to", "who"),
    [(("admins",), {"ada"}), (("owner",), {"ana"}), (("leads", "admins", "owner"), {"lee", "ada", "ana"})],
)
def test_the_provider_says_who_hears(world, run_outbox, low_to, who):
    plan_actions.change_plan(world.ctx("ada"), SurveyTerms(low_to=low_to))
    survey, _case = answered(world, world.case_in("closed"), q1=2)
    run_outbox()
    assert told(world, survey) == who


def test_where_nobody_leads_administrators_hear(world, run_outbox):
    world.row(StaffMember, world.lee.staff_id).active = False
    survey, _case = answered(world, world.case_in("closed"), q1=2)
    run_outbox()
    assert told(world, survey) == {"ada"}


def test_whoever_is_kept_out_of_the_case_hears_nothing(world, run_outbox):
    case = world.case_in("closed")
    world.exclude(case, "lee")
    survey, _case = answered(world, case, q1=1, q2="Secret words")
    run_outbox()
    assert told(world, survey) == set()
    assert not world.rows(OutgoingMail, OutgoingMail.text.contains("Secret words"))


# -- the call -------------------------------------------------------------------------------------------------------


def test_a_low_answer_is_asked_whether_a_call_is_wanted_and_staff_get_the_number(world, as_user, low, run_outbox):
    survey, case = low
    surveys.take(world.ctx("ada"), survey, case)
    rita = as_user("rita")
    path = f"/cases/{case.key}/survey/call"
    form = rita.get(f"/cases/{case.key}/survey").page.form(path)
    assert form["phone"], "the number that we know"
    assert rita.submit(form, wanted="yes", phone="12").status_code == 422
    assert rita.submit(form, wanted="yes", phone="+48 600 100 200").status_code == 303
    assert (survey.call_wanted, survey.call_phone) == (True, "+48 600 100 200")
    assert rita.post(path, data={"wanted": "no"}).status_code == 409
    assert "+48 600 100 200" in as_user("lee").get(f"/desk/cases/{case.key}").page.text
    run_outbox()
    assert {m.user_id for m in world.rows(OutgoingMail, OutgoingMail.kind == "call_asked")} == {
        world.lee.id,
        world.ada.id,
    }


def test_behind_the_link_the_call_is_asked_too_and_no_means_no(world, client):
    case = world.case_in("closed", by="cora", contact="jan")
    [survey] = world.rows(Survey, Survey.case_id == case.id)
    link, nobody = f"/s/{tokens.derive_token(survey.token_id)}", client()
    assert nobody.get(f"{link}/call").status_code == 404
    answer = nobody.post(link, data={"q1": "2"})
    thanks = nobody.get(answer.location).page
    assert thanks.heading.startswith("Thank you") and thanks.form(f"{link}/call")
    for _ in range(3):
        assert nobody.get(f"{link}/call").status_code == 200 and survey.call_wanted is None
    assert nobody.post(f"{link}/call", data={"wanted": "no"}).status_code == 303
    assert survey.call_wanted is False
    assert not nobody.get(answer.location).page.forms


def test_a_good_answer_is_not_asked_for_a_call(world, client):
    survey, case = answered(world, world.case_in("closed"), q1=4)
    link = f"/s/{tokens.derive_token(survey.token_id)}"
    assert client().get(f"{link}/call").status_code == 404
    assert client().post(f"{link}/call", data={"wanted": "yes", "phone": "1234567"}).status_code == 404
    with pytest.raises(Conflict):
        surveys.say_about_call(world.ctx("rita", "contact"), survey, case, wanted=True, phone="1234567")


def test_a_call_that_is_wanted_after_the_task_was_done_opens_it_again(world, low):
    survey, case = low
    surveys.finish(world.ctx("lee"), survey, case, note="Wrote to her")
    clock.travel(dt.timedelta(days=4))
    surveys.say_about_call(world.ctx("rita", "contact"), survey, case, wanted=True, phone="1234567")
    [task] = task_of(world, survey)
    assert task.done_at is None and task.due_at > clock.now() and task.note == "Wrote to her"
