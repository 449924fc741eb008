"""The card of the requester says how content the person was, to staff who see the cases, within a year."""

import pytest

from portal.surveys.models import Survey
from tests.support.crawler import low_answer


def card(browser, case):
    return browser.get(f"/desk/cases/{case.key}").page.first("section", id="requester").text


@pytest.fixture
def case(world):
    return world.open_case("rita", subject="Another one")


def test_the_mean_of_a_year_stands_on_the_card(world, as_user, case, travel):
    ana = as_user("ana")
    assert "Satisfaction" not in card(ana, case)
    low_answer(world, world.case_in("closed", by="rita"))
    (first,) = world.rows(Survey, Survey.answered_at.is_not(None))
    low_answer(world, world.case_in("closed", by="rita"))
    second = next(row for row in world.rows(Survey, Survey.answered_at.is_not(None)) if row.id != first.id)
    first.score, second.score = 5, 2
    world.session.flush()
    assert "3.5 of 5" in card(ana, case) and "(2 answers in a year)" in card(ana, case)
    assert "Satisfaction" not in card(ana, world.open_case("jan")), "another person"
    assert "of 5" not in as_user("rita").get(f"/cases/{case.key}").page.text
    travel(days=366)
    assert "Satisfaction" not in card(as_user("ana"), case)
