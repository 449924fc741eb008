"""Several people do the same at the same moment: one is stored, the others hear so."""

import threading

import pytest

from portal.kernel import tokens
from portal.kernel.errors import PortalError
from portal.surveys import actions as surveys
from portal.surveys.actions import plan as plan_actions
from portal.surveys.actions import questions as question_actions
from portal.surveys.engine.invitations import SurveyTerms
from portal.surveys.models import Survey, SurveyFollowUp, SurveyQuestions
from portal.surveys.queries import open_survey

pytestmark = pytest.mark.crash


def test_two_answers_at_once_store_one(live):
    with live.inside() as world:
        case_id = world.case_in("closed").id
    with live.inside() as world:
        [survey] = world.rows(Survey, Survey.case_id == case_id)
        link = f"/s/{tokens.derive_token(survey.token_id)}"
    browsers, answers = [live.client() for _ in range(4)], []
    gate = threading.Barrier(len(browsers))

    def answer(browser, score):
        gate.wait()
        answers.append(browser.post(link, data={"q1": str(score), "q2": f"answer {score}"}).status_code)

    threads = [threading.Thread(target=answer, args=(b, n + 1)) for n, b in enumerate(browsers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [303, 409, 409, 409]
    with live.inside() as world:
        [survey] = world.rows(Survey, Survey.case_id == case_id)
        assert survey.answers["q2"] == f"answer {survey.score}"


def at_once(*works):
    """Do all of *works* at the same moment; what each returned, or the name of what it raised."""
    gate, outcomes = threading.Barrier(len(works)), []

    def run(work):
        gate.wait()
        try:
            outcomes.append(work())
        except PortalError as problem:
            outcomes.append(type(problem).__name__)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_two_cases_of_one_person_that_close_at_once_ask_once_within_the_quiet_days(live):
    with live.inside() as world:
        plan_actions.change_plan(world.ctx("ada"), SurveyTerms(quiet_days=30))
        keys = [world.open_case("mel").key for _ in range(4)]
    browsers = [live.client("mel") for _ in keys]
    works = [
        lambda b=browser, k=key: b.post(f"/cases/{k}/close", data={"reason": ""}).status_code
        for browser, key in zip(browsers, keys, strict=True)
    ]
    assert at_once(*works) == [303] * 4
    with live.inside() as world:
        cases = [world.case(key) for key in keys]
        asked = world.rows(Survey, Survey.case_id.in_([case.id for case in cases]))
        reasons = [e.facts["reason"] for c in cases for e in world.events_of(c) if e.name == "survey.not_asked"]
        assert len(asked) <= 1 and reasons.count("quiet") == 4 - len(asked)
        plan_actions.change_plan(world.ctx("ada"), SurveyTerms())


def test_two_who_finish_one_follow_up_at_once_leave_one_note(live):
    with live.inside() as world:
        case = world.case_in("closed", by="rita")
        ctx = world.ctx("rita", "contact")
        survey_id = surveys.answer(ctx, open_survey(ctx, case), case, answers={"q1": 1}).id
    browsers = {who: live.client(who) for who in ("lee", "ada")}
    path = f"/desk/surveys/{survey_id}/done"
    works = [lambda b=b, w=who: b.post(path, data={"note": f"by {w}"}).status_code for who, b in browsers.items()]
    assert sorted(at_once(*works)) == [303, 409]
    with live.inside() as world:
        [task] = world.rows(SurveyFollowUp, SurveyFollowUp.survey_id == survey_id)
        assert task.note in ("by lee", "by ada")


def test_two_who_publish_one_draft_at_once_make_one_version(live):
    with live.inside() as world:
        question_actions.add_question(world.ctx("ada"), {"kind": "text", "text": "What else?"})
    browsers = [live.client("ada") for _ in range(3)]
    works = [lambda b=b: b.post("/admin/surveys/publish").status_code for b in browsers]
    assert sorted(at_once(*works)) == [303, 409, 409]
    with live.inside() as world:
        versions = [row.version for row in world.rows(SurveyQuestions)]
        assert sorted(versions) == list(range(1, len(versions) + 1))
