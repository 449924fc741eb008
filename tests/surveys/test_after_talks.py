"""F7: surveys after calls and chats about cases that stay open, within the limits of all surveys."""

import pytest

from portal.calls.actions.calls import CallFacts, log_call
from portal.cases.actions import resolution
from portal.cases.models import Case
from portal.chat.actions import chats
from portal.chat.queries.chats import lock_chat
from portal.kernel import tokens
from portal.kernel.events import Event
from portal.notifications.models import OutgoingMail
from portal.surveys import actions as surveys
from portal.surveys.actions import plan as plan_actions
from portal.surveys.engine.invitations import SurveyTerms
from portal.surveys.models import Survey, SurveyFollowUp, SurveyQuestions
from portal.surveys.queries import open_survey
from tests.support.chats import accept_chat, open_chat_hours, say, start_chat, take_chats_as

BOTH = {"after_calls": True, "after_chats": True}


def switch_on(world, **terms):
    plan_actions.change_plan(world.ctx("ada"), SurveyTerms(**{**BOTH, **terms}))


def call(world, case, result="talked", *, user=None, key=None):
    facts = CallFacts("in", 5, result, idempotency_key=key)
    return log_call(world.ctx("ana"), facts, world.reload(case), user_id=user and user.id)


def chat(world, *, says="Hello, how can I help?"):
    open_chat_hours(world)
    take_chats_as(world, "ana")
    row = start_chat(world, by="rita", account="ACME")
    accept_chat(world, row, by="ana")
    if says:
        say(world, row, says, by="ana", side="staff")
    ctx = world.ctx("rita", "contact")
    chats.end_as_contact(ctx, *lock_chat(ctx, row.id))
    return world.row(Case, row.case_id)


def kinds_of(world, case):
    return [(row.kind, row.user_id) for row in world.rows(Survey, Survey.case_id == case.id)]


def test_f7_nobody_is_asked_about_calls_and_chats_unless_the_provider_wants_it(world):
    case = world.open_case("rita")
    call(world, case)
    assert kinds_of(world, case) == []
    assert kinds_of(world, chat(world)) == []


@pytest.mark.parametrize(("result", "asked"), [("talked", 1), ("message", 0), ("missed", 0)])
def test_f7_a_conversation_on_the_phone_is_asked_about(world, result, asked):
    switch_on(world, after_chats=False)
    case = world.open_case("rita")
    call(world, case, result)
    assert kinds_of(world, case) == [("call", world.rita.id)] * asked
    assert kinds_of(world, chat(world)) == []


def test_f7_who_was_on_the_phone_is_asked(world):
    switch_on(world)
    case = world.open_case("rita", visibility="shared")
    call(world, case, user=world.mel)
    assert kinds_of(world, case) == [("call", world.mel.id)]


def test_f7_who_may_not_see_the_case_is_not_asked(world):
    switch_on(world)
    case = world.open_case("rita", visibility="private")
    call(world, case, user=world.mel)
    assert kinds_of(world, case) == []


def test_f7_the_same_call_logged_twice_asks_once(world):
    switch_on(world)
    case = world.open_case("rita")
    for _press in range(2):
        call(world, case, key="k" * 32)
    assert len(kinds_of(world, case)) == 1


def test_f7_a_chat_is_asked_about_in_the_mail_that_ends_it(world, run_outbox):
    switch_on(world, after_calls=False)
    case = chat(world)
    assert kinds_of(world, case) == [("chat", world.rita.id)]
    run_outbox()
    mails = world.rows(OutgoingMail, OutgoingMail.case_id == case.id, OutgoingMail.kind == "chat_ended")
    assert len(mails) == 1
    assert "/s/" in mails[0].text
    assert "/s/" in mails[0].html


def test_f7_a_chat_in_which_nobody_of_support_spoke_is_not_asked_about(world):
    switch_on(world)
    assert kinds_of(world, chat(world, says="")) == []


def test_f7_a_call_is_asked_about_by_mail_and_on_the_case_page(world, client, run_outbox):
    switch_on(world)
    case = world.open_case("rita")
    call(world, case)
    run_outbox()
    (mail,) = world.rows(OutgoingMail, OutgoingMail.case_id == case.id, OutgoingMail.kind == "talked")
    assert mail.user_id == world.rita.id
    rita = client("rita")
    page = rita.get(f"/cases/{case.key}").page
    assert "How was the call with us?" in page.text
    form = page.form(f"/cases/{case.key}/survey")
    assert rita.submit(form, talk_score="").status_code == 422
    assert rita.submit(form, talk_score="4").status_code == 303
    (survey,) = world.rows(Survey)
    assert (survey.score, survey.low, survey.answered_at is not None) == (4, False, True)
    shown = rita.get(f"/cases/{case.key}").page
    assert f"/cases/{case.key}/survey" not in [form["action"] for form in shown.forms]


def test_f7_opening_the_mailed_link_stores_nothing_and_the_button_does(world, client):
    switch_on(world)
    case = world.open_case("rita")
    call(world, case)
    (survey,) = world.rows(Survey)
    link = f"/s/{tokens.derive_token(survey.token_id)}"
    stranger = client()
    page = stranger.get(f"{link}?r=2").page
    world.session.expire_all()
    assert survey.answered_at is None
    assert "Reopen the case" not in page.text
    assert stranger.submit(page.form(link)).status_code == 303
    world.session.expire_all()
    assert (survey.score, survey.low) == (2, True)
    assert len(world.rows(SurveyFollowUp, SurveyFollowUp.survey_id == survey.id)) == 1
    assert stranger.get(link).status_code == 200


def test_f7_a_case_that_ends_within_a_day_of_the_call_asks_only_once(world, travel):
    switch_on(world)
    soon, late = world.open_case("rita"), world.open_case("cora")
    call(world, soon)
    call(world, late)
    travel(hours=23)
    resolution.close(world.ctx("rita", "contact"), world.reload(soon))
    assert [kind for kind, _user in kinds_of(world, soon)] == ["call"]
    not_asked = world.rows(Event, Event.case_id == soon.id, Event.name == "survey.not_asked")
    assert [event.facts["reason"] for event in not_asked] == ["just_asked"]
    travel(hours=2)
    resolution.close(world.ctx("cora", "contact"), world.reload(late))
    assert sorted(kind for kind, _user in kinds_of(world, late)) == ["call", "case"]


def test_f7_two_calls_in_a_day_ask_once(world, travel):
    switch_on(world)
    case = world.open_case("rita")
    call(world, case)
    call(world, case)
    assert len(kinds_of(world, case)) == 1
    travel(hours=25)
    call(world, case)
    assert len(kinds_of(world, case)) == 2


def test_f7_a_call_about_a_case_that_is_over_is_not_asked_about(world):
    switch_on(world)
    case = world.case_in("closed")
    call(world, case)
    assert [kind for kind, _user in kinds_of(world, case)] == ["case"]


@pytest.mark.parametrize("limit", [{"sampling": 0}, {"quiet_days": 7}])
def test_f7_the_limits_of_surveys_hold_for_calls(world, limit):
    switch_on(world, **limit)
    if "quiet_days" in limit:
        world.case_in("closed", by="rita")
    case = world.open_case("rita")
    call(world, case)
    assert kinds_of(world, case) == []


def test_f7_a_call_keeps_a_person_quiet_for_other_cases(world):
    switch_on(world, quiet_days=7)
    call(world, world.open_case("rita"))
    other = world.case_in("closed", by="rita")
    assert kinds_of(world, other) == []


def test_f7_the_question_about_a_call_is_no_version_of_the_questions(world, client):
    switch_on(world)
    call(world, world.open_case("rita"))
    assert [row.version for row in world.rows(SurveyQuestions)] == [-1]
    world.case_in("closed", by="cora")
    assert sorted(row.version for row in world.rows(SurveyQuestions)) == [-1, 1]
    assert client("ada").get("/admin/surveys").status_code == 200


def test_f7_results_and_the_overview_tell_calls_chats_and_cases_apart(world, client):
    switch_on(world)
    case = world.open_case("rita")
    call(world, case)
    ctx = world.ctx("rita", "contact")
    surveys.answer(ctx, open_survey(ctx, world.reload(case)), world.reload(case), answers={"talk_score": 2})
    closed = world.case_in("closed", by="cora")
    ctx = world.ctx("cora", "contact")
    surveys.answer(ctx, open_survey(ctx, closed), closed, answers={"q1": 5})
    world.session.commit()
    lee = client("lee")
    assert {case.key, closed.key} <= set(lee.get("/desk/surveys").text.replace("<", " ").split())
    calls = lee.get("/desk/surveys?kind=call").text
    assert case.key in calls
    assert closed.key not in calls
    cases = lee.get("/desk/surveys?kind=case").text
    assert case.key not in cases
    assert closed.key in cases
    assert "No words, only stars" not in lee.get("/desk/surveys?kind=chat").text
    lines = lee.get("/desk/surveys/export?kind=call").text.splitlines()
    assert [line.split(",")[5] for line in lines] == ["about", "call"]
    assert lee.get("/desk/surveys?kind=%00").status_code == 200
    rated = [link for link in lee.get("/desk/reports/overview").page.links if "measure=rated" in link]
    assert any("channel=phone" in link for link in rated)
    assert any("channel=portal" in link for link in rated)
    behind = next(link for link in rated if "channel=phone" in link)
    assert case.key in lee.get(behind).text
    assert closed.key not in lee.get(behind).text


def test_f7_results_show_how_often_articles_helped(world, client):
    from portal.knowledge.actions.votes import vote_on_article
    from tests.support import help_articles

    assert "Help articles that helped" not in client("lee").get("/desk/surveys").text
    ctx = world.ctx("ada")
    article = help_articles.add_article(ctx, help_articles.add_category(ctx), "Printers", audience="signed_in")
    for who, helpful in (("rita", True), ("cora", True), ("gil", False)):
        vote_on_article(world.ctx(who, "contact"), article, helpful=helpful)
    world.session.commit()
    shown = client("lee").get("/desk/surveys").page
    assert "Help articles that helped" in shown.text
    assert "67 %" in shown.text
    assert "/desk/help" in shown.links


def test_f7_the_plan_is_changed_by_its_form(world, client):
    ada = client("ada")
    form = ada.get("/admin/surveys").page.form("/admin/surveys")
    assert ada.submit(form, after_calls="y").status_code == 303
    world.session.expire_all()
    case = world.open_case("rita")
    call(world, case)
    assert len(kinds_of(world, case)) == 1


def test_f7_staff_read_on_the_open_case_what_was_said_of_a_call(world, client):
    switch_on(world)
    case = world.open_case("rita")
    call(world, case)
    ctx = world.ctx("rita", "contact")
    surveys.answer(ctx, open_survey(ctx, world.reload(case)), world.reload(case), answers={"talk_score": 5})
    world.session.commit()
    assert "How was the call with us?" in client("ana").get(f"/desk/cases/{case.key}").text
    assert "How was the call with us?" not in client("mel").get("/cases").text
