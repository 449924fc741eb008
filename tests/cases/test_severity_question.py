"""What a provider asks about severity: its levels, a scale of its own, or nothing; what was asked is kept."""

import pytest

from portal.cases.actions import severity_levels
from portal.cases.actions.severity_question import ScaleAnswer, change_severity_question
from portal.cases.models import SeverityAnswer
from portal.kernel.errors import Conflict, Forbidden, Refused

SCALE = (
    ScaleAnswer("High", 2, "Nobody can work"),
    ScaleAnswer("Medium", 3, "Some cannot work"),
    ScaleAnswer("Low", 4, "A question"),
)


@pytest.fixture
def ask(world):
    """`ask("impact", answers=SCALE)` changes Northwind's question."""

    def change(kind, who="ada", **question):
        ctx = world.ctx(who)
        change_severity_question(ctx, ctx.provider, kind=kind, **question)

    return change


def opened(as_user, **fields):
    values = {"account": "ACME", "subject": "Portal is slow", "description": "Every page takes a minute.", **fields}
    return as_user("rita").post("/new/outage", data=values)


def test_an_answer_of_the_scale_means_a_level_and_is_kept(world, as_user, ask):
    ask("impact", question="How many people are affected?", answers=SCALE)
    form = as_user("rita").get("/new/outage")
    assert "How many people are affected?" in form.text and "Nobody can work" in form.text
    assert opened(as_user, severity="high").status_code == 303
    case = world.case("ACME-1")
    assert (case.severity, case.severity_asked, case.severity_answer) == (2, 2, "High")
    assert "High" in as_user("ana").get(f"/desk/cases/{case.key}").page.text


@pytest.mark.parametrize("severity", ["1", "4", "critical", ""])
def test_a_customer_cannot_answer_past_the_scale(as_user, ask, severity):
    """A level is no answer to the provider's own question: "1" would be an emergency that nobody offered."""
    ask("impact", answers=SCALE)
    answer = opened(as_user, severity=severity)
    assert answer.status_code == 422 and "Choose how your work is affected" in answer.text


def test_where_nothing_is_asked_the_type_says_it(world, as_user, ask):
    ask("none")
    assert "How is your work affected" not in as_user("rita").get("/new/outage").text
    assert opened(as_user).status_code == 303
    assert world.case("ACME-1").severity == 3


def test_the_desk_asks_the_same(as_user, ask):
    ask("impact", answers=SCALE)
    assert "Some cannot work" in as_user("ana").get("/desk/new?account=ACME").text


def test_the_words_of_the_answer_outlive_the_scale(world, ask):
    ask("impact", answers=SCALE)
    case = world.open_case(severity=None, impact="medium")
    ask("impact", answers=(ScaleAnswer("Urgent", 1), ScaleAnswer("Not urgent", 4)))
    assert world.reload(case).severity_answer == "Medium"


def test_a_level_that_an_answer_means_stays(world, ask):
    ask("impact", answers=SCALE)
    with pytest.raises(Conflict, match="Low"):
        severity_levels.remove_severity_level(world.ctx("ada"))


def test_a_number_is_no_key(world, ask):
    ask("impact", answers=(ScaleAnswer("1", 1), ScaleAnswer("2", 2)))
    assert [row.key for row in world.rows(SeverityAnswer)] == ["answer-1", "answer-2"]


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ({"kind": "impact", "answers": SCALE[:1]}, "name_1"),
        ({"kind": "impact", "answers": (SCALE[0], ScaleAnswer("high", 3))}, "name_2"),
        ({"kind": "impact", "answers": (SCALE[0], ScaleAnswer("Low", 9))}, "rank_2"),
        ({"kind": "impact", "answers": (SCALE[0], ScaleAnswer(" ", 3))}, "name_2"),
        ({"kind": "weather"}, "kind"),
    ],
)
def test_refused_questions(ask, question, field):
    with pytest.raises(Refused) as refusal:
        ask(**question)
    assert refusal.value.field == field


def test_only_who_configures_asks(ask):
    with pytest.raises(Forbidden):
        ask("none", who="ana")
