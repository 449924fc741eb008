"""A glance at a case from its queue: the page, its fragment, and what it tells nobody."""

import pytest

from portal.audit.models import StaffAccess
from portal.cases.presence import present_on
from tests.support.tags import tag_case


@pytest.fixture
def case(world):
    case = world.case_in("open", by="rita", subject="The <list> stays empty")
    tag_case(world, case, "vip")
    for number in range(5):
        world.answer(case, f"Answer number {number}")
    world.note(case, "Only for us")
    return case


def test_it_says_what_the_case_is_about_and_the_last_that_was_said(world, as_user, case):
    page = as_user("ana").get(f"/desk/cases/{case.key}/preview?view=all").page
    main = page.first("main")
    assert "The <list> stays empty" in main.text and "Rita Costa" in main.text and "vip" in main.text
    assert "Only for us" in main.text and "Answer number 4" in main.text and "Answer number 1" not in main.text
    assert "Earlier messages are on the page of the case." in main.text
    links = {link.text.strip(): link.get("href") for link in main.all("a")}
    assert links["Open the case"] == f"/desk/cases/{case.key}?view=all"
    assert links["Reply"] == f"/desk/cases/{case.key}/reply?view=all"


def test_the_fragment_is_the_same_without_the_frame(as_user, case):
    answer = as_user("ana").get(f"/desk/cases/{case.key}/preview", headers={"HX-Request": "true"})
    assert "<main" not in answer.text and "Only for us" in answer.text and "Open the case" in answer.text


def test_a_short_case_shows_its_beginning(world, as_user):
    case = world.open_case("rita", description="It began on Monday")
    text = as_user("ana").get(f"/desk/cases/{case.key}/preview").page.first("main").text
    assert "It began on Monday" in text and "Earlier messages" not in text


def test_a_glance_is_in_the_access_log_and_no_presence(world, as_user, case):
    before = len(world.rows(StaffAccess))
    answer = as_user("ana").get(f"/desk/cases/{case.key}/preview")
    answer.close()
    assert len(world.rows(StaffAccess)) == before + 1
    assert not present_on(world.ctx("lee", "staff"), [case.id])


@pytest.mark.parametrize("who", ["rita", "tom", "sam"])
def test_who_does_not_see_the_case_has_no_glance(as_user, case, who):
    answer = as_user(who).get(f"/desk/cases/{case.key}/preview", checked=False)
    assert answer.status_code in (403, 404) and "Only for us" not in answer.text
