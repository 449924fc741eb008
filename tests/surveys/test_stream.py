"""What staff read at /desk/surveys: low ones first, filtered, figures by version, the export; only cases of theirs."""

import csv
import datetime as dt
import io

import pytest

from portal.kernel import clock
from portal.surveys import actions as surveys
from portal.surveys.actions import questions as question_actions
from portal.surveys.models import Survey
from portal.surveys.queries import open_survey
from portal.surveys.queries import results as result_queries
from portal.surveys.queries.results import AnswerFilters


def answered(world, who="rita", days_ago=0, **answers):
    case = world.case_in("closed", by=who, subject=f"Case of {who}")
    ctx = world.ctx(who, "contact")
    survey = open_survey(ctx, case)
    surveys.answer(ctx, survey, case, answers=answers)
    [row] = world.rows(Survey, Survey.case_id == case.id)
    row.answered_at -= dt.timedelta(days=days_ago)
    world.session.commit()
    return row


@pytest.fixture
def five(world):
    """Answers of two accounts, two of them low."""
    return {
        "fine": answered(world, q1=5, q2="Quick"),
        "bad": answered(world, q1=1, q2="Slow", days_ago=3),
        "globex": answered(world, who="gil", q1=2, q2="Rude"),
        "polish": answered(world, who="piotr", q1=4),
        "old": answered(world, q1=3, q2="Long ago", days_ago=200),
    }


def ids(world, who="ana", **filters):
    return [row.id for row in result_queries.answers(world.ctx(who, "staff"), AnswerFilters(**filters)).rows]


def test_low_ones_come_first_then_the_newest(world, five):
    order = ("globex", "bad", "polish", "fine", "old")
    assert ids(world, days=0) == [five[name].id for name in order]


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"score": 1}, ["bad"]),
        ({"show": "low"}, ["globex", "bad"]),
        ({"show": "open"}, ["globex", "bad"]),
        ({"days": 90}, ["globex", "bad", "polish", "fine"]),
        ({"days": 7, "score": 5}, ["fine"]),
    ],
)
def test_filters_narrow(world, five, filters, names):
    assert ids(world, **filters) == [five[name].id for name in names]


def test_filters_by_account_and_by_question_in_the_address(world, as_user, five):
    page = as_user("ana").get("/desk/surveys?account=GLOBEX").page.text
    assert "Rude" in page and "Quick" not in page
    page = as_user("ana").get("/desk/surveys?question=1.q2").page.text
    assert "Quick" in page and "Case of piotr" not in page


def test_what_is_taken_stands_in_my_follow_ups_until_it_is_done(world, five):
    survey = five["bad"]
    surveys.take(world.ctx("lee"), survey, world.reload(case_of(world, survey)))
    assert ids(world, "lee", show="mine") == [survey.id] and ids(world, "ada", show="mine") == []
    surveys.finish(world.ctx("lee"), survey, world.reload(case_of(world, survey)), note="Done")
    assert ids(world, "lee", show="mine") == [] and survey.id not in ids(world, "lee", show="open")


def case_of(world, survey):
    from portal.cases.models import Case

    return world.row(Case, survey.case_id)


def test_staff_see_answers_of_their_accounts_and_excluded_people_never(world, as_user, five):
    assert ids(world, "tom", days=0) == [five["globex"].id]
    assert as_user("tom").get(f"/desk/surveys/{five['bad'].id}").status_code == 404
    world.exclude(case_of(world, five["bad"]), "ana")
    assert five["bad"].id not in ids(world, "ana", days=0)
    assert as_user("ana").get(f"/desk/surveys/{five['bad'].id}").status_code == 404
    assert "Slow" not in as_user("ana").get("/desk/surveys/export").text


@pytest.mark.parametrize(("who", "status"), [("pat", 403), ("rita", 403), ("sam", 200)])
def test_the_door_of_the_stream(world, as_user, five, who, status):
    answer = as_user(who).get("/desk/surveys")
    assert answer.status_code in (status, 404) and "Slow" not in answer.text


def test_organization_administrators_read_no_answers_of_colleagues(world, as_user, five):
    case = case_of(world, five["bad"])
    world.put_in_copy(world.reload(case), "olga@acme.example")
    assert "Slow" not in as_user("olga").get(f"/cases/{world.reload(case).key}").text


def test_figures_keep_versions_apart(world, as_user, five):
    ada = world.ctx("ada")
    question_actions.publish_questions(
        ada,
        [
            {"kind": "stars", "text": "How was it, really?"},
            {"kind": "choice", "text": "Who helped?", "choices": ["Ana", "Lee"]},
        ],
    )
    answered(world, q1=3, q2="c1")
    answered(world, who="mel", q1=4, q2="c1")
    new, old = result_queries.figures(ada, AnswerFilters(days=0))
    assert (new.questions.version, new.answered, new.tallies[0].mean) == (2, 2, 3.5)
    assert new.tallies[1].counts == {"c1": 2}
    assert (old.questions.version, old.answered, old.low, old.tallies[0].mean) == (1, 5, 2, 3.0)
    page = as_user("ada").get("/desk/surveys?days=all").page.text
    assert "Version 2" in page and "★ 3.5" in page and "★ 3.0" in page and "Ana 2" in page


def test_figures_of_nothing_are_no_figures(world, as_user):
    assert result_queries.figures(world.ctx("ana"), AnswerFilters()) == []
    page = as_user("ana").get("/desk/surveys").page
    assert "No answers in the last 90 days" in page.text
    assert "No answer matches" in as_user("ana").get("/desk/surveys?score=1").page.text
    assert "Nothing is waiting" in as_user("ana").get("/desk/surveys?show=open").page.text


def test_pages_are_bounded_and_a_file_that_was_cut_says_so(world, as_user, five, monkeypatch):
    monkeypatch.setattr(result_queries, "SIZE", 20)
    monkeypatch.setattr(result_queries, "COUNTED", 3)
    monkeypatch.setattr(result_queries, "EXPORTED", 2)
    assert sum(version.answered for version in result_queries.figures(world.ctx("ana"), AnswerFilters(days=0))) == 3
    assert len(result_queries.export_rows(world.ctx("ana"), AnswerFilters(days=0)).rows) == 2
    assert "Only the newest 2 rows are in this file." in as_user("ana").get("/desk/surveys/export?days=all").text
    monkeypatch.setattr(result_queries, "EXPORTED", 5000)
    assert "Only the newest" not in as_user("ana").get("/desk/surveys/export?days=all").text


# -- the export -----------------------------------------------------------------------------------------------------


def exported(answer):
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))


def test_the_export_holds_what_the_filter_shows(world, as_user, five):
    answer = as_user("ana").get("/desk/surveys/export?show=low")
    assert answer.mimetype == "text/csv" and "attachment" in answer.headers["Content-Disposition"]
    rows = exported(answer)
    assert [(r["account"], r["question"], r["answer"], r["low"]) for r in rows] == [
        ("Globex", "q1", "2", "yes"),
        ("Globex", "q2", "Rude", ""),
        ("Acme", "q1", "1", "yes"),
        ("Acme", "q2", "Slow", ""),
    ]


@pytest.mark.parametrize("words", ["=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "\t=1", "＝1+1", "=a\n=b"])
def test_no_cell_of_the_export_is_a_formula(world, as_user, words):
    answered(world, q1=5, q2=words)
    [_stars, text] = exported(as_user("ana").get("/desk/surveys/export"))
    assert text["answer"].startswith("'") and all(not cell.startswith(("=", "+", "-", "@")) for cell in text.values())


def test_the_export_says_nothing_of_follow_ups(world, as_user, five):
    """What staff make of an answer stays here."""
    surveys.finish(world.ctx("lee"), five["bad"], world.reload(case_of(world, five["bad"])), note="whispered")
    assert "whispered" not in as_user("ana").get("/desk/surveys/export?days=all").text
    assert clock.now() > five["bad"].answered_at
