"""The pure rules: who is asked, and what a set of questions may hold, for whatever comes."""

import datetime as dt
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.surveys.engine import questions as question_rules
from portal.surveys.engine.invitations import (
    TRIGGERS,
    InvitationFacts,
    SurveyTerms,
    draw_lot,
    is_quiet,
    is_trigger,
    reason_not_to_ask,
)
from portal.surveys.engine.questions import QuestionFault, QuestionProblem

NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
TERMS = st.builds(
    SurveyTerms,
    trigger=st.sampled_from(sorted(TRIGGERS)),
    per=st.sampled_from(("case", "cycle")),
    sampling=st.integers(0, 100),
    quiet_days=st.integers(0, 365),
)
MOMENTS = st.builds(
    InvitationFacts,
    answered=st.booleans(),
    asked_another=st.booleans(),
    left=st.booleans(),
    works_here=st.booleans(),
    sees_the_case=st.booleans(),
    reachable=st.booleans(),
    drawn=st.integers(0, 99),
    now=st.just(NOW),
    last_asked_at=st.none() | st.integers(0, 400 * 24).map(lambda hours: NOW - dt.timedelta(hours=hours)),
)


@given(TERMS, MOMENTS)
def test_somebody_is_asked_only_if_every_rule_admits_it(terms, moment):
    """Stated once more, the other way round, without the order of the rules."""
    admitted = (
        not moment.answered
        and not moment.asked_another
        and not moment.left
        and not moment.works_here
        and moment.sees_the_case
        and moment.reachable
        and moment.drawn < terms.sampling
        and (moment.last_asked_at is None or (NOW - moment.last_asked_at) >= dt.timedelta(days=terms.quiet_days))
    )
    assert (reason_not_to_ask(terms, moment) == "") == admitted


@given(TERMS, MOMENTS)
def test_the_same_facts_give_the_same_answer(terms, moment):
    assert reason_not_to_ask(terms, moment) == reason_not_to_ask(terms, moment)


@given(TERMS, MOMENTS)
def test_staff_and_those_who_may_not_see_the_case_are_never_asked(terms, moment):
    if moment.works_here or not moment.sees_the_case or moment.left:
        assert reason_not_to_ask(terms, moment)


@given(st.integers(0, 365), st.integers(0, 365 * 24 * 60))
def test_quiet_days_end_to_the_minute(days, minutes):
    last = NOW - dt.timedelta(minutes=minutes)
    assert is_quiet(SurveyTerms(quiet_days=days), NOW, last) == (minutes < days * 24 * 60)


@given(st.uuids(), st.integers(1, 9), st.integers(1, 9))
def test_the_lot_of_a_case_stays_once_a_case_and_is_drawn_anew_once_a_cycle(case_id, one, other):
    assert draw_lot(case_id, one, "case") == draw_lot(case_id, other, "case")
    assert 0 <= draw_lot(case_id, one, "cycle") < 100
    assert draw_lot(case_id, one, "cycle") == draw_lot(case_id, one, "cycle")


def test_the_lot_falls_on_as_many_cases_as_the_provider_wants():
    drawn = [draw_lot(uuid.UUID(int=n), 1, "case") for n in range(10_000)]
    for sampling in (1, 10, 50, 90):
        assert abs(sum(lot < sampling for lot in drawn) / 100 - sampling) < 2


@pytest.mark.parametrize(
    ("trigger", "events"),
    [
        ("accepted", {"case.accepted"}),
        ("closed", {"case.accepted", "case.closed", "case.auto_closed"}),
        ("resolved", {"case.resolved"}),
        ("never", set()),
    ],
)
def test_three_seeds_differ_in_data_only(trigger, events):
    """G1, G2, G3."""
    every = {event for names in TRIGGERS.values() for event in names} | {"case.rejected", "case.reopened"}
    assert {event for event in every if is_trigger(SurveyTerms(trigger=trigger), event)} == events


# -- sets of questions ----------------------------------------------------------------------------------------------

STARS = {"kind": "stars", "text": "How was it?"}


def choice(*answers):
    return {"kind": "choice", "text": "Which?", "choices": list(answers)}


def test_a_text_is_in_the_language_of_the_provider_unless_it_says_more():
    [one, two] = question_rules.check_questions(
        [STARS, {"kind": "text", "text": {"pl": "Co poprawić?", "en": "What else?"}}], "pl"
    )
    assert one["text"] == {"pl": "How was it?"} and one["required"] and one["low"]
    assert (two["name"], two["required"], two["low"]) == ("q2", False, False)
    assert question_rules.wording(two["text"], "pl_PL") == "Co poprawić?"
    assert question_rules.wording(two["text"], "vi", "pl") == "Co poprawić?"
    assert question_rules.wording(one["text"], "es", "en") == "How was it?"


@pytest.mark.parametrize(
    ("questions", "fault", "field"),
    [
        ([], QuestionFault.NO_QUESTION, ""),
        ([STARS] * 11, QuestionFault.TOO_MANY_QUESTIONS, ""),
        ([{"kind": "slider", "text": "How?"}], QuestionFault.UNKNOWN_KIND, "kind"),
        ([{"kind": "stars", "text": "  "}], QuestionFault.NO_TEXT, "text"),
        ([{"kind": "stars", "text": {}}], QuestionFault.NO_TEXT, "text"),
        ([{"kind": "stars", "text": "x" * 301}], QuestionFault.LONG_TEXT, "text"),
        ([choice()], QuestionFault.WRONG_NUMBER_OF_CHOICES, "choices"),
        ([choice("One")], QuestionFault.WRONG_NUMBER_OF_CHOICES, "choices"),
        ([choice(*map(str, range(13)))], QuestionFault.WRONG_NUMBER_OF_CHOICES, "choices"),
        ([choice("One", "one")], QuestionFault.EQUAL_OR_EMPTY_CHOICES, "choices"),
        ([choice("One", "")], QuestionFault.EQUAL_OR_EMPTY_CHOICES, "choices"),
        ([choice("One", "x" * 101)], QuestionFault.LONG_TEXT, "choices"),
    ],
)
def test_a_set_that_nobody_could_answer_is_refused(questions, fault, field):
    with pytest.raises(QuestionProblem) as refused:
        question_rules.check_questions(questions, "en")
    assert (refused.value.code, refused.value.field) == (fault, field)


@given(st.lists(st.sampled_from(question_rules.KINDS), min_size=1, max_size=10))
def test_checking_what_was_checked_changes_nothing(kinds):
    raw = [{"kind": kind, "text": f"Question {n}", "choices": ["a", "b"]} for n, kind in enumerate(kinds)]
    once = question_rules.check_questions(raw, "en")
    assert question_rules.check_questions(once, "en") == once
    assert [one["name"] for one in once] == [f"q{n}" for n in range(1, len(kinds) + 1)]


@pytest.mark.parametrize(
    ("answers", "score", "low"),
    [
        ({"q1": 5, "q2": "yes"}, 5, False),
        ({"q1": 3, "q2": "yes"}, 3, False),
        ({"q1": 2, "q2": "yes"}, 2, True),
        ({"q1": 1}, 1, True),
        ({"q1": 5, "q2": "no"}, 5, True),
        ({"q3": 1, "q1": 4}, 4, False),
        ({"q3": 1}, 1, False),
        ({}, None, False),
    ],
)
def test_what_counts_as_score_and_as_low(answers, score, low):
    questions = question_rules.check_questions(
        [
            STARS,
            {"kind": "yes_no", "text": "Solved?", "low": True},
            {"kind": "stars", "text": "How fast?", "required": False, "low": False},
        ],
        "en",
    )
    assert question_rules.score(questions, answers) == score
    assert question_rules.is_low(questions, answers) == low
