"""Whom the end of a case asks, whom it does not, and where it says why (FEATURES 1.7, 2.7, N13)."""

import datetime as dt

import pytest

from portal.cases.actions import reopening, resolution
from portal.identity.models import User
from portal.kernel import clock, tokens
from portal.notifications.models import OutgoingMail
from portal.surveys import actions as surveys
from portal.surveys.actions import plan as plan_actions
from portal.surveys.engine.invitations import SurveyTerms, draw_lot
from portal.surveys.models import Survey
from portal.surveys.queries import open_survey
from portal.tenants.actions import contacts as contact_actions
from portal.tenants.actions import staff
from portal.tenants.models import Contact


def plan(world, **terms):
    plan_actions.change_plan(world.ctx("ada"), SurveyTerms(**terms))


def surveys_of(world, case):
    return world.rows(Survey, Survey.case_id == case.id)


def reasons(world, case):
    return [e.facts["reason"] for e in world.events_of(case) if e.name == "survey.not_asked"]


def answer(world, case, who="rita", **answers):
    ctx = world.ctx(who, "contact")
    survey = open_survey(ctx, case)
    assert survey is not None
    return surveys.answer(ctx, survey, case, answers=answers or {"q1": 5})


# -- the moment -----------------------------------------------------------------------------------------------------


def test_g1_accepting_asks_two_questions(world, as_user):
    plan(world, trigger="accepted")
    case = world.case_in("resolved")
    assert surveys_of(world, case) == []
    as_user("rita").post(f"/cases/{case.key}/resolution/accept")
    form = as_user("rita").get(f"/cases/{case.key}").page.form(f"/cases/{case.key}/survey")
    assert form["q2"].strip() == "" and len(surveys_of(world, case)) == 1


@pytest.mark.parametrize("trigger", ["accepted", "resolved", "never"])
def test_g1_closing_without_accepting_asks_only_where_closing_is_the_moment(world, trigger):
    plan(world, trigger=trigger)
    case = world.open_case("rita")
    resolution.close(world.ctx("rita", "contact"), case)
    assert surveys_of(world, case) == [] and reasons(world, case) == []


def test_g2_one_rating_a_case_by_the_database_too(world, as_user):
    case = world.case_in("closed")
    assert as_user("rita").post(f"/cases/{case.key}/survey", data={"q1": "5"}).status_code == 303
    assert as_user("rita").post(f"/cases/{case.key}/survey", data={"q1": "1"}).status_code == 409
    reopening.reopen(world.ctx("rita", "contact"), world.reload(case), reason="Again")
    resolution.close(world.ctx("rita", "contact"), world.reload(case))
    [survey] = surveys_of(world, case)
    assert survey.score == 5 and reasons(world, case) == ["answered"]


def test_g2_one_rating_a_closing_cycle_where_the_provider_wants_that(world):
    plan(world, per="cycle")
    case = world.case_in("closed")
    answer(world, case, q1=5)
    reopening.reopen(world.ctx("rita", "contact"), world.reload(case), reason="Again")
    resolution.close(world.ctx("rita", "contact"), world.reload(case))
    answer(world, world.reload(case), q1=3)
    assert [s.score for s in surveys_of(world, case)] == [5, 3]


def test_g3_a_solution_asks_by_mail(world, run_outbox):
    plan(world, trigger="resolved")
    case = world.case_in("resolved")
    run_outbox()
    [mail] = world.rows(OutgoingMail, OutgoingMail.case_id == case.id, OutgoingMail.kind == "resolved")
    [survey] = surveys_of(world, case)
    assert mail.token_id == survey.token_id and "?r=5" in mail.text
    resolution.accept(world.ctx("rita", "contact"), case)
    run_outbox()
    mails = world.rows(OutgoingMail, OutgoingMail.case_id == case.id, OutgoingMail.token_id.is_not(None))
    assert len(mails) == len(surveys_of(world, case)) == 1


def test_n13_a_rejected_solution_lets_the_survey_wait_until_the_next_one(world, client, as_user, run_outbox):
    """The invitation of the rejected solution is not answered by accident, and comes again with the next one."""
    plan(world, trigger="resolved")
    case = world.case_in("resolved")
    [survey] = surveys_of(world, case)
    link = f"/s/{tokens.derive_token(survey.token_id)}"
    resolution.reject(world.ctx("rita", "contact"), case, reason="Still down")
    waits = client().get(link)
    assert waits.status_code == 200 and waits.page.heading == "This case is open again"
    assert client().post(link, data={"q1": "1"}).status_code == 409
    assert not as_user("rita").get(f"/cases/{case.key}").page.all("section", id="survey")
    clock.travel(dt.timedelta(hours=5))
    resolution.resolve(world.ctx("ana"), world.reload(case), solution="Now")
    [again] = surveys_of(world, case)
    assert (again.id, again.cycle, again.answered_at) == (survey.id, 1, None)
    run_outbox()
    mails = world.rows(OutgoingMail, OutgoingMail.case_id == case.id, OutgoingMail.kind == "resolved")
    assert [m.token_id is not None for m in mails].count(True) >= 1 and mails[-1].token_id == again.token_id
    assert client().post(link, data={"q1": "4"}).status_code == 303
    assert again.score == 4


def test_n13_rejecting_asks_nobody_where_accepting_is_the_moment(world):
    plan(world, trigger="accepted")
    case = world.case_in("resolved")
    resolution.reject(world.ctx("rita", "contact"), case, reason="Still down")
    assert surveys_of(world, case) == []


def test_where_each_cycle_asks_the_newer_invitation_replaces_the_older(world, client):
    plan(world, per="cycle")
    case = world.case_in("closed")
    [first] = surveys_of(world, case)
    reopening.reopen(world.ctx("rita", "contact"), case, reason="Again")
    resolution.close(world.ctx("rita", "contact"), world.reload(case))
    [_first, second] = surveys_of(world, case)
    assert client().get(f"/s/{tokens.derive_token(first.token_id)}").status_code == 410
    assert client().get(f"/s/{tokens.derive_token(second.token_id)}").status_code == 200


def test_where_a_case_asks_once_the_unanswered_invitation_comes_again(world):
    case = world.case_in("closed")
    [first] = surveys_of(world, case)
    asked = first.asked_at
    clock.travel(dt.timedelta(days=2))
    reopening.reopen(world.ctx("rita", "contact"), case, reason="Again")
    resolution.close(world.ctx("rita", "contact"), world.reload(case))
    [again] = surveys_of(world, case)
    assert again.id == first.id and again.asked_at > asked


# -- the person -----------------------------------------------------------------------------------------------------


def test_the_opener_for_others_is_not_asked(world):
    case = world.case_in("closed", by="ana", contact="rita")
    assert [s.user_id for s in surveys_of(world, case)] == [world.rita.id]
    case = world.case_in("closed", by="cora", contact="jan")
    assert [s.user_id for s in surveys_of(world, case)] == [world.jan.id]


def test_staff_who_are_contacts_are_not_asked(world):
    """Whoever works here may have resolved the case themselves."""
    case = world.case_in("resolved", by="rita")
    staff.add_staff(world.system(), world.row(User, world.rita), role="agent", tier=1, all_accounts=True)
    resolution.accept(world.ctx("rita", "contact"), case)
    assert surveys_of(world, case) == [] and reasons(world, case) == ["staff"]


def test_whoever_left_is_not_asked_and_whoever_only_lost_access_still_is(world):
    """One's own case stays readable while one belongs to the organization, so its survey is asked too."""
    gone = world.case_in("resolved", by="rita")
    kept = world.case_in("resolved", by="mel")
    world.row(User, world.rita).ended_at = world.system().now
    contact_actions.change_access(world.system(), world.row(Contact, world.mel.contact_id), grants=[])
    world.session.commit()
    for case in (gone, kept):
        clock.travel(dt.timedelta(hours=100))
        assert resolution.auto_close(world.system(), world.reload(case))
    assert (reasons(world, gone), reasons(world, kept)) == (["left"], [])
    assert [s.user_id for s in surveys_of(world, kept)] == [world.mel.id]


def test_whoever_is_excluded_from_the_case_is_not_asked(world):
    case = world.case_in("resolved", by="cora", contact="jan")
    world.exclude(case, "jan")
    resolution.accept(world.ctx("cora", "contact"), case)
    assert surveys_of(world, case) == [] and reasons(world, case) == ["unseen"]


def test_another_contact_is_not_asked_about_a_case_that_asked_somebody(world):
    case = world.case_in("closed", by="cora", contact="jan")
    reopening.reopen(world.ctx("ana"), case, reason="More to do")
    case = world.reload(case)
    case.contact_id, case.contact_user_id = world.mel.contact_id, world.mel.id
    world.session.commit()
    resolution.close(world.ctx("ana"), world.reload(case))
    assert [s.user_id for s in surveys_of(world, case)] == [world.jan.id]
    assert reasons(world, case) == ["another"]


# -- the lot and the quiet days -------------------------------------------------------------------------------------


def test_the_lot_decides_and_the_case_says_so(world):
    plan(world, sampling=50)
    cases = [world.case_in("closed") for _ in range(8)]
    for case in cases:
        asked = draw_lot(case.id, case.cycle, "case") < 50
        assert bool(surveys_of(world, case)) == asked
        assert reasons(world, case) == ([] if asked else ["sampling"])


def test_nobody_is_asked_again_within_the_quiet_days_over_all_cases(world):
    plan(world, quiet_days=14)
    first, second = world.case_in("closed", by="rita"), world.case_in("closed", by="rita")
    other = world.case_in("closed", by="mel")
    assert surveys_of(world, first) and surveys_of(world, other)
    assert surveys_of(world, second) == [] and reasons(world, second) == ["quiet"]
    clock.travel(dt.timedelta(days=14, minutes=1))
    assert surveys_of(world, world.case_in("closed", by="rita"))


def test_quiet_days_keep_an_invitation_that_waits_and_send_no_second_mail(world, run_outbox):
    plan(world, quiet_days=30, trigger="resolved")
    case = world.case_in("resolved")
    resolution.reject(world.ctx("rita", "contact"), case, reason="No")
    clock.travel(dt.timedelta(minutes=10))
    resolution.resolve(world.ctx("ana"), world.reload(case), solution="Now")
    run_outbox()
    mails = world.rows(OutgoingMail, OutgoingMail.case_id == case.id, OutgoingMail.kind == "resolved")
    assert [m.token_id is not None for m in mails] == [True, False] or mails[-1].token_id is None
    assert open_survey(world.ctx("rita", "contact"), world.reload(case)) is not None


def test_staff_read_why_nobody_was_asked_and_customers_do_not(world, as_user):
    plan(world, quiet_days=14)
    world.case_in("closed", by="rita", visibility="shared")
    case = world.case_in("closed", by="rita", visibility="shared")
    assert "Nobody was asked." in as_user("ana").get(f"/desk/cases/{case.key}").page.text
    assert "recently asked" in as_user("ana").get(f"/desk/cases/{case.key}/history").page.text
    for who in ("rita", "mel", "olga"):
        assert "Nobody was asked" not in as_user(who).get(f"/cases/{case.key}").text
