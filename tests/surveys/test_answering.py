"""Answering: on the case page, or behind the mailed link; once, by nobody else, and never by a GET."""

import pytest

from portal.cases.actions import reopening
from portal.kernel import tokens
from portal.surveys.models import Survey


@pytest.fixture
def asked(world):
    """A survey that waits for Rita, with its case."""
    case = world.case_in("closed", subject="Scanner offline")
    [survey] = world.rows(Survey, Survey.case_id == case.id)
    return survey, case


def link(survey):
    return f"/s/{tokens.derive_token(survey.token_id)}"


def test_the_contact_answers_on_the_case(world, as_user, asked, events_of):
    survey, case = asked
    answer = as_user("rita").post(f"/cases/{case.key}/survey", data={"q1": "4", "q2": "Be faster"})
    assert answer.status_code == 303
    assert (survey.score, survey.answers) == (4, {"q1": 4, "q2": "Be faster"})
    assert "survey.answered" in events_of(case)


def test_the_case_page_asks_the_contact_and_shows_staff_the_answer(world, as_user, asked):
    _survey, case = asked
    assert as_user("rita").get(f"/cases/{case.key}").page.form(f"/cases/{case.key}/survey")
    as_user("rita").post(f"/cases/{case.key}/survey", data={"q1": "2", "q2": "Too slow"})
    shown = as_user("rita").get(f"/cases/{case.key}").page
    assert "Too slow" in shown.text and not [f for f in shown.forms if f.action.endswith("/survey")]


@pytest.mark.parametrize("score", ["", "0", "6", "four", "4.5", "-1", "99999999999999999999", "\x00", "４"])
def test_a_score_that_is_none_is_refused_and_the_words_stay(world, as_user, asked, score):
    survey, case = asked
    answer = as_user("rita").post(f"/cases/{case.key}/survey", data={"q1": score, "q2": "Be faster"})
    assert answer.status_code == 422
    assert answer.page.form(f"/cases/{case.key}/survey")["q2"].strip() == "Be faster"
    assert survey.answered_at is None


def test_words_without_end_are_refused_and_stay(world, as_user, asked):
    survey, case = asked
    answer = as_user("rita").post(f"/cases/{case.key}/survey", data={"q1": "5", "q2": "x" * 5001})
    assert answer.status_code == 422 and survey.answered_at is None


def test_the_second_question_may_stay_empty(world, as_user, asked):
    survey, case = asked
    assert as_user("rita").post(f"/cases/{case.key}/survey", data={"q1": "5", "q2": ""}).status_code == 303
    assert survey.answers == {"q1": 5}


def test_colleagues_see_no_survey_and_strangers_no_case(world, as_user, asked):
    _survey, case = asked
    world.put_in_copy(case, "mel@acme.example")
    assert as_user("mel").get(f"/cases/{case.key}/survey").status_code == 403
    assert as_user("mel").post(f"/cases/{case.key}/survey", data={"q1": "1"}).status_code == 403
    assert as_user("gil").post(f"/cases/{case.key}/survey", data={"q1": "1"}).status_code == 404
    assert as_user("rob").get(f"/cases/{case.key}/survey").status_code == 404


def test_a_case_that_asked_nothing_has_no_survey_page(world, as_user):
    case = world.open_case("rita")
    assert as_user("rita").get(f"/cases/{case.key}/survey").status_code == 404


def test_answering_twice_is_a_conflict_that_shows_the_first_answer(world, as_user, asked):
    survey, case = asked
    as_user("rita").post(f"/cases/{case.key}/survey", data={"q1": "4", "q2": "Be faster"})
    again = as_user("rita").post(f"/cases/{case.key}/survey", data={"q1": "1", "q2": "Terrible"})
    assert again.status_code == 409 and "Be faster" in again.page.text
    assert survey.score == 4


def test_answers_about_a_case_that_was_reopened_are_a_conflict_that_shows_them(world, as_user, asked):
    _survey, case = asked
    reopening.reopen(world.ctx("ana"), case, reason="More to do")
    answer = as_user("rita").post(f"/cases/{case.key}/survey", data={"q1": "1", "q2": "Slow"})
    assert answer.status_code == 409 and "This case is open again" in answer.page.text and "Slow" in answer.page.text
    assert as_user("rita").get(f"/cases/{case.key}/survey").status_code == 404


# -- behind the mailed link -----------------------------------------------------------------------------------------


def test_the_link_answers_without_signing_in(world, client, asked):
    survey, _case = asked
    nobody = client()
    shown = nobody.get(link(survey) + "?r=4")
    assert shown.status_code == 200 and "Scanner offline" in shown.page.text
    assert shown.page.first("input", name="q1", checked=True).get("value") == "4"
    answer = nobody.post(link(survey), data={"q1": "5", "q2": "Thanks"})
    assert answer.status_code == 303 and answer.location == f"{link(survey)}?thanks=1"
    assert survey.score == 5
    assert nobody.get(answer.location).page.heading.startswith("Thank you")


def test_somebody_without_a_sign_in_is_asked_and_answers(world, client):
    case = world.case_in("closed", by="cora", contact="jan")
    [survey] = world.rows(Survey, Survey.case_id == case.id)
    assert client().post(link(survey), data={"q1": "3"}).status_code == 303
    [answered] = [e for e in world.events_of(case) if e.name == "survey.answered"]
    assert (answered.actor_user_id, answered.facts["score"]) == (world.jan.id, 3)


@pytest.mark.check(43, "10 times, 0 changes")
def test_opening_the_link_ten_times_changes_nothing(world, client, asked):
    survey, case = asked
    before = len(world.events_of(case))
    for score in range(10):
        assert client().get(f"{link(survey)}?r={score}").status_code == 200
    assert survey.answered_at is None and survey.score is None
    assert len(world.events_of(case)) == before
    row = tokens.load_token(world.system(), "survey", tokens.derive_token(survey.token_id))
    assert row.used_at is None


@pytest.mark.parametrize("r", ["9", "", "0", "x", "%00", "4%27", "٣", "4" * 300])
def test_a_preselection_that_is_none_is_ignored(world, client, asked, r):
    shown = client().get(f"{link(asked[0])}?r={r}")
    assert shown.status_code == 200 and not shown.page.all("input", name="q1", checked=True)


def test_the_second_answer_hears_what_the_first_was(world, client, asked):
    survey, _case = asked
    client().post(link(survey), data={"q1": "4", "q2": ""})
    again = client().post(link(survey), data={"q1": "1", "q2": "No!"})
    assert (
        again.status_code == 409 and again.page.heading.endswith(": 4 of 5.") and "already answered" in again.page.text
    )
    assert survey.score == 4
    assert client().get(link(survey)).status_code == 200


def test_an_old_link_says_so(world, client, asked, travel):
    travel(days=31)
    for answer in (client().get(link(asked[0])), client().post(link(asked[0]), data={"q1": "4"})):
        assert answer.status_code == 410 and "30 days" in answer.page.text
    assert asked[0].answered_at is None


@pytest.mark.parametrize("token", ["x", "x" * 43, "..", "a" * 3000, "%00", "é"])
def test_a_wrong_link_leads_nowhere(world, client, token):
    assert client().get(f"/s/{token}").status_code == 404


def test_a_link_of_one_provider_is_nothing_at_another(world, client, asked):
    neighbor = client(host=world.southgate.host)
    assert neighbor.get(link(asked[0])).status_code == 404
    assert neighbor.post(link(asked[0]), data={"q1": "1"}).status_code == 404


def test_a_link_for_something_else_is_no_survey(world, client):
    token_id = tokens.issue_token(world.system(), "invitation", world.rita.id, __import__("datetime").timedelta(days=1))
    assert client().get(f"/s/{tokens.derive_token(token_id)}").status_code == 404


def test_a_link_without_the_form_token_stores_nothing(world, client, asked):
    assert client().post(link(asked[0]), data={"q1": "1"}, csrf=False).status_code == 422
    assert asked[0].answered_at is None


def test_whoever_may_not_see_the_case_any_more_answers_nothing(world, client, asked):
    survey, _case = asked
    from portal.identity.models import User

    world.row(User, world.rita).ended_at = world.system().now
    assert client().get(link(survey)).status_code == 404


def test_somebody_else_who_is_signed_in_answers_as_the_person_the_link_was_for(world, as_user, asked):
    survey, case = asked
    assert as_user("ada").post(link(survey), data={"q1": "2"}).status_code == 303
    [answered] = [e for e in world.events_of(case) if e.name == "survey.answered"]
    assert answered.actor_user_id == world.rita.id


def test_staff_do_not_answer_for_customers(world, as_user, asked):
    assert as_user("ana").post(f"/cases/{asked[1].key}/survey", data={"q1": "5"}).status_code in (403, 404)
    assert asked[0].answered_at is None
