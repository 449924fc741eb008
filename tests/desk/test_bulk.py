"""Many cases at once: the question first, then each by itself."""

import pytest


def bulk(browser, *cases, **fields):
    return browser.post("/desk/bulk", data={"case": [c if isinstance(c, str) else c.key for c in cases], **fields})


def test_the_question_names_number_and_effect_and_changes_nothing(world, as_user):
    one, two = world.case_in("open"), world.case_in("open")
    answer = bulk(as_user("ana"), one, two, action="close")
    assert answer.status_code == 200 and answer.page.heading == "Close 2 cases?"
    assert "get an email" in answer.page.first("main").text
    assert one.state == two.state == "open"


def test_several_cases_change(world, as_user):
    one, two = world.open_case("rita"), world.open_case("gil")
    answer = bulk(as_user("ana"), one, two, action="take", confirm="1")
    assert answer.status_code == 303
    assert one.owner_id == two.owner_id == world.ana.staff_id and one.state == two.state == "open"


def test_what_fails_does_not_undo_the_rest(world, as_user):
    fine, closed = world.case_in("open"), world.case_in("closed")
    answer = bulk(as_user("ana"), fine, closed, "ACME-999", action="close", reason="Not needed", confirm="1")
    text = answer.page.first("main").text
    assert answer.status_code == 200 and "1 case changed" in text
    assert closed.key in text and "ACME-999" in text and "There is no such case" in text
    assert fine.state == "closed"


def test_an_owner_is_given_to_each_and_refused_where_they_do_not_look_after_it(world, as_user):
    acme, globex = world.open_case("rita"), world.open_case("gil")
    answer = bulk(as_user("ana"), acme, globex, action="assign", owner=world.tom.staff_id, confirm="1")
    assert answer.status_code == 200 and acme.key in answer.page.first("main").text
    assert acme.owner_id is None and globex.owner_id == world.tom.staff_id


def test_a_department_is_given_to_each(world, as_user):
    case = world.case_in("open")
    wanted = world.departments["infrastructure"].id
    assert bulk(as_user("ana"), case, action="department", department=wanted, confirm="1").status_code == 303
    assert case.department_id == wanted and case.owner_id == world.ana.staff_id


@pytest.mark.parametrize(
    "fields",
    [
        {"action": ""},
        {"action": "explode"},
        {"action": "assign", "confirm": "1"},
        {"action": "assign", "owner": "x", "confirm": "1"},
        {"action": "department", "confirm": "1"},
    ],
)
def test_a_question_without_an_answer_is_asked_again(world, as_user, fields):
    case = world.open_case("rita")
    assert bulk(as_user("ana"), case, **fields).status_code == 422
    assert case.state == "new"


def test_nothing_chosen_is_said(as_user):
    assert as_user("ana").post("/desk/bulk", data={"action": "take"}).status_code == 422


def test_more_than_a_hundred_are_refused(world, as_user):
    answer = bulk(as_user("ana"), *(f"ACME-{n}" for n in range(1, 102)), action="take", confirm="1")
    assert answer.status_code == 422 and "at most 100" in answer.get_data(as_text=True)


def test_the_page_by_itself_says_what_to_do(as_user):
    assert as_user("ana").get("/desk/bulk").status_code == 200


def test_the_auditor_changes_nothing(world, as_user):
    case = world.open_case("rita")
    assert bulk(as_user("aud"), case, action="take", confirm="1").status_code == 403
    assert case.owner_id is None


def test_foreign_cases_do_not_exist_in_bulk_either(world, as_user):
    case = world.open_case("rita", subject="Secret of Acme")
    question = bulk(as_user("tom"), case, action="take")
    assert question.status_code == 422 and "Secret of Acme" not in question.get_data(as_text=True)
    answer = bulk(as_user("tom"), case, action="take", confirm="1")
    assert "There is no such case" in answer.get_data(as_text=True) and case.owner_id is None


def test_a_closing_that_names_another_client_needs_a_reason(world, as_user):
    one, two, globex = world.case_in("open"), world.case_in("open"), world.case_in("open", by="gil")
    ana, data = as_user("ana"), {"action": "close", "reason": "As for Globex", "confirm": "1"}
    answer = bulk(ana, one, two, globex, **data)
    text = answer.page.first("main").text
    assert "1 case changed" in text and "name of Globex" in text
    assert (one.state, two.state, globex.state) == ("open", "open", "closed")
    marks = answer.page.first("input", name="anyway_for").get("value")
    assert answer.page.first("textarea", name="reason").text.strip() == "As for Globex"
    assert bulk(ana, one, two, **data, anyway="", anyway_for=marks).status_code == 200
    assert one.state == "open"
    assert bulk(ana, one, two, **data, anyway="They know each other", anyway_for=marks).status_code == 303
    assert one.state == two.state == "closed"
    assert all("case.sent_anyway" in world.event_names(case) for case in (one, two))
