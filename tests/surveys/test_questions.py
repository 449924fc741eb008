"""Sets of questions: drafted, published as versions, in the reader's language; what was asked stays as it was."""

import pytest

from portal.kernel.errors import Conflict, Forbidden, NotFound, Refused
from portal.surveys import import_config
from portal.surveys.actions import plan as plan_actions
from portal.surveys.actions import questions as question_actions
from portal.surveys.engine.invitations import SurveyTerms
from portal.surveys.models import DRAFT, Survey, SurveyPlan, SurveyQuestions
from portal.surveys.queries import plan as plan_queries
from portal.surveys.queries import questions as question_queries

SEVERAL = [
    {"kind": "stars", "text": {"en": "How was it?", "pl": "Jak było?"}},
    {"kind": "yes_no", "text": "Is it solved?", "required": True, "low": True},
    {"kind": "choice", "text": "How did you reach us?", "choices": [{"en": "By mail", "pl": "Pocztą"}, "By phone"]},
    {"kind": "text", "text": "What else?"},
]


@pytest.fixture
def ada(world):
    return world.ctx("ada")


def names(row):
    return [question["text"]["en"] for question in row.questions]


def test_the_first_change_begins_a_draft_of_what_is_asked(world, ada):
    question_actions.add_question(ada, {"kind": "text", "text": "What else?"})
    draft = question_queries.draft(ada)
    assert len(draft.questions) == 3 and draft.version == DRAFT
    assert question_queries.current(ada).version == 1 and len(question_queries.current(ada).questions) == 2


def test_questions_are_added_changed_moved_and_removed_in_the_draft(world, ada):
    question_actions.add_question(ada, {"kind": "text", "text": "What else?"})
    question_actions.move_question(ada, "q3", up=True)
    question_actions.change_question(ada, "q1", {"kind": "yes_no", "text": "Is it solved?", "low": True})
    question_actions.remove_question(ada, "q2")
    draft = question_queries.draft(ada)
    assert [(q["name"], q["kind"]) for q in draft.questions] == [("q1", "yes_no"), ("q3", "text")]
    published = question_actions.publish(ada)
    assert [(q["name"], q["kind"]) for q in published.questions] == [("q1", "yes_no"), ("q2", "text")]
    assert question_queries.draft(ada) is None


def test_at_the_ends_of_the_list_nothing_moves(world, ada):
    question_actions.move_question(ada, "q1", up=True)
    question_actions.move_question(ada, "q2", up=False)
    assert [q["name"] for q in question_queries.draft(ada).questions] == ["q1", "q2"]


def test_nobody_is_asked_a_draft_and_a_version_never_changes(world, ada):
    case = world.case_in("closed")
    question_actions.add_question(ada, {"kind": "text", "text": "What else?"})
    again = world.case_in("closed")
    question_actions.publish(ada)
    newest = world.case_in("closed")
    asked = {s.case_id: world.row(SurveyQuestions, s.questions_id) for s in world.rows(Survey)}
    assert [asked[c.id].version for c in (case, again, newest)] == [1, 1, 2]
    assert len(asked[case.id].questions) == 2 and len(asked[newest.id].questions) == 3


def test_what_was_asked_before_is_answered_with_the_questions_of_then(world, ada, as_user):
    case = world.case_in("closed")
    question_actions.publish_questions(ada, SEVERAL)
    shown = as_user("rita").get(f"/cases/{case.key}/survey").page
    assert "What should we do better" in shown.text and "Is it solved" not in shown.text
    assert as_user("rita").post(f"/cases/{case.key}/survey", data={"q1": "5"}).status_code == 303


def test_every_kind_is_asked_answered_and_read(world, ada, as_user):
    question_actions.publish_questions(ada, SEVERAL)
    case = world.case_in("closed")
    rita = as_user("rita")
    page = rita.get(f"/cases/{case.key}/survey").page
    assert {"yes", "no"} == {e.get("value") for e in page.all("input", name="q2")}
    answers = {"q1": "5", "q2": "yes", "q3": "c2", "q4": "Nothing"}
    assert rita.post(f"/cases/{case.key}/survey", data=answers).status_code == 303
    [survey] = world.rows(Survey)
    assert (survey.answers, survey.low) == ({"q1": 5, "q2": "yes", "q3": "c2", "q4": "Nothing"}, False)
    shown = as_user("ana").get(f"/desk/surveys/{survey.id}").page.text
    assert "Yes" in shown and "By phone" in shown and "Version 1" in shown


@pytest.mark.parametrize(
    ("name", "value"),
    [("q2", ""), ("q2", "maybe"), ("q3", "c3"), ("q3", "By mail"), ("q3", "c1\0c2"), ("q2", "y" * 999)],
)
def test_answers_that_are_none_of_those_shown_are_refused(world, ada, as_user, name, value):
    question_actions.publish_questions(ada, SEVERAL)
    case = world.case_in("closed")
    data = {"q1": "5", "q2": "yes", "q3": "c1", "q4": "Kept words", name: value}
    answer = as_user("rita").post(f"/cases/{case.key}/survey", data=data)
    assert answer.status_code == 422 and "Kept words" in answer.text
    assert world.rows(Survey)[0].answered_at is None


def test_the_mailed_link_speaks_the_language_of_whoever_is_asked(world, ada, client):
    from portal.kernel import tokens

    question_actions.publish_questions(ada, SEVERAL)
    case = world.case_in("closed", by="piotr")
    [survey] = world.rows(Survey, Survey.case_id == case.id)
    shown = client().get(f"/s/{tokens.derive_token(survey.token_id)}").page
    assert "Jak było?" in shown.text and "Pocztą" in shown.text
    assert "By phone" in shown.text, "what has no Polish wording is asked in the provider's language"
    assert shown.first("html").get("lang") == "pl"


def test_publishing_what_is_asked_already_or_twice_is_refused(world, ada):
    with pytest.raises(Conflict):
        question_actions.publish(ada)
    question_actions.move_question(ada, "q1", up=True)
    with pytest.raises(Conflict):
        question_actions.publish(ada)
    question_actions.remove_question(ada, "q2")
    question_actions.publish(ada)
    with pytest.raises(Conflict):
        question_actions.publish(ada)


def test_a_discarded_draft_is_gone(world, ada):
    question_actions.remove_question(ada, "q2")
    question_actions.discard(ada)
    assert question_queries.draft(ada) is None
    with pytest.raises(Conflict):
        question_actions.discard(ada)


def test_the_last_question_stays_and_ten_are_enough(world, ada):
    question_actions.remove_question(ada, "q2")
    with pytest.raises(Refused):
        question_actions.remove_question(ada, "q1")
    with pytest.raises(NotFound):
        question_actions.remove_question(ada, "q7")
    for n in range(9):
        question_actions.add_question(ada, {"kind": "text", "text": f"Question {n}"})
    with pytest.raises(Refused):
        question_actions.add_question(ada, {"kind": "text", "text": "One more"})


@pytest.mark.parametrize("who", ["ana", "lee", "aud"])
def test_only_those_who_configure_write_questions_and_rules(world, who):
    for act in (
        lambda ctx: plan_actions.change_plan(ctx, SurveyTerms(quiet_days=3)),
        lambda ctx: question_actions.add_question(ctx, {"kind": "text", "text": "What else?"}),
        lambda ctx: question_actions.publish_questions(ctx, SEVERAL),
        question_actions.publish,
        question_actions.discard,
    ):
        with pytest.raises(Forbidden):
            act(world.ctx(who))


# -- the screens ----------------------------------------------------------------------------------------------------


def test_an_administrator_writes_a_question_in_two_languages_without_script(world, as_user, ada):
    browser = as_user("ada")
    path = "/admin/surveys/questions/new"
    form = browser.get(path).page.form(path)
    answer = browser.submit(
        form, kind="choice", text_en="Who?", text_pl="Kto?", choices_en="You\nMe", choices_pl="Ty\nJa"
    )
    assert answer.status_code == 303
    assert question_queries.draft(ada).questions[2]["choices"][1] == {"key": "c2", "text": {"en": "Me", "pl": "Ja"}}
    assert "Kto?" in browser.get("/admin/surveys/versions/0?language=pl").page.text
    assert browser.post("/admin/surveys/questions/q3/move", data={"direction": "up"}).status_code == 303
    assert browser.post("/admin/surveys/questions/q3/remove").status_code == 303
    assert browser.post("/admin/surveys/discard").status_code == 303


def test_a_question_without_words_or_answers_keeps_what_was_typed(world, as_user):
    path = "/admin/surveys/questions/new"
    answer = as_user("ada").post(path, data={"kind": "choice", "text_en": "", "text_pl": "Kto?", "choices_en": "You"})
    assert answer.status_code == 422 and "Write the question" in answer.text and "Kto?" in answer.text
    answer = as_user("ada").post(path, data={"kind": "choice", "text_en": "Who?", "choices_en": "You"})
    assert answer.status_code == 422 and "one per line" in answer.text


def test_two_administrators_who_write_at_once_hear_of_each_other(world, as_user, ada):
    path = "/admin/surveys/questions/q1"
    form = as_user("ada").get(path).page.form(path)
    question_actions.remove_question(ada, "q2")
    answer = as_user("ada").submit(form, text_en="Mine")
    assert answer.status_code == 409 and "Mine" in answer.text
    assert question_queries.draft(ada).questions[0]["text"]["en"] != "Mine"


def test_rules_are_saved_and_nonsense_is_refused_with_a_sentence(world, as_user, ada):
    browser = as_user("ada")
    form = browser.get("/admin/surveys").page.form("/admin/surveys")
    assert browser.submit(form, trigger="accepted", quiet_days="14", sampling="50").status_code == 303
    assert plan_queries.terms(ada) == SurveyTerms(trigger="accepted", quiet_days=14, sampling=50)
    form = browser.get("/admin/surveys").page.form("/admin/surveys")
    for field, value in (("sampling", "101"), ("quiet_days", "-1"), ("follow_up_days", "0"), ("trigger", "tomorrow")):
        answer = browser.submit(form, **{field: value})
        assert answer.status_code == 422, field
    data = {"trigger": "closed", "per": "case", "sampling": "100", "quiet_days": "0", "follow_up_days": "2"}
    assert browser.post("/admin/surveys", data=data).status_code == 422, "somebody must be told"
    assert "survey_plan.changed" in [e.name for e in world.rows(type(world.events_of(world.open_case("rita"))[0]))]


def test_readers_see_the_rules_and_no_button(world, as_user):
    page = as_user("lee").get("/admin/surveys").page
    assert "When a case is closed" in page.text
    assert "Change the questions" not in page.text
    assert as_user("lee").post("/admin/surveys", data={"trigger": "never"}).status_code == 403
    assert as_user("lee").get("/admin/surveys/questions/new").status_code == 403


# -- presets --------------------------------------------------------------------------------------------------------


def test_a_preset_installs_what_its_table_says_and_a_second_time_nothing(world, ada):
    data = {"trigger": "accepted", "per": "cycle", "sampling": 40, "quiet_days": 7, "low_to": ["leads", "owner"]}
    for _ in range(2):
        import_config.import_survey(world.system(), {**data, "questions": SEVERAL})
    assert plan_queries.terms(ada) == SurveyTerms("accepted", "cycle", 40, 7, 2, ("leads", "owner"))
    [row] = world.rows(SurveyQuestions)
    assert row.version == 1 and names(row)[0] == "How was it?"
    assert world.rows(SurveyPlan)[0].version == 1


def test_an_empty_preset_asks_the_built_in_questions(world, ada):
    import_config.import_survey(world.system(), {})
    assert len(question_queries.current(ada).questions) == 2 and plan_queries.terms(ada) == SurveyTerms()


@pytest.mark.parametrize(
    "data",
    [
        {"triger": "closed"},
        {"trigger": "sometimes"},
        {"per": "year"},
        {"sampling": 101},
        {"quiet_days": "many"},
        {"low_to": ["everybody"]},
        {"low_to": []},
        {"questions": [{"kind": "stars"}]},
        {"questions": []},
    ],
)
def test_a_preset_that_says_what_there_is_not_is_refused(world, data):
    with pytest.raises(Refused):
        import_config.import_survey(world.system(), data)
