"""The bell: what happened in one's cases, on the side one stands, until it was read."""

import pytest

from portal.kernel.bounded_counts import count_text
from portal.kernel.ids import new_id
from portal.notifications.models import Notification
from portal.web import deferred_writes


@pytest.fixture
def rung(world, run_outbox):
    """Rita has one unread line: support answered."""
    case = world.open_case("rita", subject="Scanner offline")
    world.answer(case)
    run_outbox()
    [line] = world.rows(Notification, Notification.user_id == world.rita.id)
    return line, case


def count_on(page):
    found = [place for place in page.all(id="bell-count") if "hidden" not in place.attributes]
    return found[0].text if found else ""


def test_it_says_what_happened_in_which_case_and_why_one_is_told(world, as_user, rung):
    _line, case = rung
    page = as_user("rita").get("/notifications").page
    assert f"{case.key} · Scanner offline" in page.text
    assert f"{world.ana.name} replied" in page.text and "because this case is about you" in page.text
    assert f"/cases/{case.key}" in page.links and count_on(page) == "1 unread"


def test_without_news_one_is_up_to_date(as_user):
    assert "You are up to date." in as_user("rita").get("/notifications").page.text


def test_reading_one_line_and_reading_all(world, as_user, rung, run_outbox):
    line, case = rung
    world.answer(world.reload(case), "More")
    run_outbox()
    assert as_user("rita").post(f"/notifications/{line.id}/read").status_code == 303
    assert count_on(as_user("rita").get("/notifications").page) == "1 unread"
    assert as_user("rita").post("/notifications/read").status_code == 303
    page = as_user("rita").get("/notifications").page
    assert count_on(page) == "" and "You are up to date." in page.text and "More" not in page.text


def test_unread_lines_come_first(world, as_user, rung, run_outbox):
    _line, _case = rung
    other = world.open_case("rita", subject="Second")
    world.answer(other)
    run_outbox()
    [newest] = world.rows(Notification, Notification.case_id == other.id, Notification.user_id == world.rita.id)
    as_user("rita").post(f"/notifications/{newest.id}/read")
    text = as_user("rita").get("/notifications").page.text
    assert text.index("Scanner offline") < text.index("Second")


def test_each_verb_has_a_page_with_the_same_form_and_looking_changes_nothing(world, as_user, rung):
    line, _case = rung
    for path in ("/notifications/read", f"/notifications/{line.id}/read"):
        answer = as_user("rita").get(path)
        assert answer.status_code == 200 and answer.page.forms
    assert line.read_at is None


def test_nobody_reads_or_marks_the_lines_of_others(world, as_user, rung):
    line, _case = rung
    for stranger in ("mel", "gil", "tom", "rob"):
        assert as_user(stranger).post(f"/notifications/{line.id}/read").status_code == 404
        assert "Scanner offline" not in as_user(stranger).get("/notifications").page.text
        as_user(stranger).post("/notifications/read")
    assert line.read_at is None


@pytest.mark.parametrize("wrong", ["x", "0", "%00", "../../etc", "a" * 500])
def test_a_line_that_is_none_is_not_found(as_user, wrong):
    assert as_user("rita").post(f"/notifications/{wrong}/read").status_code in (404, 405)
    assert as_user("rita").get(f"/notifications?page={wrong}").status_code == 200


def test_an_unknown_line_is_not_found(as_user):
    assert as_user("rita").post(f"/notifications/{new_id()}/read").status_code == 404


def test_without_a_sign_in_there_is_no_bell(client):
    assert client().get("/notifications").status_code == 302


def test_without_the_form_token_nothing_is_read(as_user, rung):
    assert as_user("rita").post("/notifications/read", csrf=False).status_code == 422
    assert rung[0].read_at is None


def test_lines_about_a_case_one_is_excluded_from_are_gone(world, as_user, rung):
    line, case = rung
    world.put_in_copy(case, "mel@acme.example")
    world.session.add(
        Notification(
            provider_id=case.provider_id,
            user_id=world.mel.id,
            side="contact",
            event_id=line.event_id,
            case_id=case.id,
            reason="participant",
            created_at=line.created_at,
        )
    )
    world.session.flush()
    assert count_on(as_user("mel").get("/notifications").page) == "1 unread"
    world.exclude(case, "mel")
    page = as_user("mel").get("/notifications").page
    assert "Scanner offline" not in page.text and count_on(page) == ""


def test_staff_see_their_lines_on_the_desk(world, as_user, run_outbox):
    case = world.case_in("open", staff="ana")
    world.reply(case)
    run_outbox()
    page = as_user("ana").get("/notifications").page
    assert f"/desk/cases/{case.key}" in page.links and "because you are assigned" in page.text


@pytest.mark.parametrize("who,path", [("rita", "/cases/{}"), ("ana", "/desk/cases/{}")])
def test_looking_at_the_case_reads_its_lines_once_the_answer_is_sent(world, as_user, rung, monkeypatch, who, path):
    _line, case = rung
    noted = []
    monkeypatch.setattr(deferred_writes, "defer_write", noted.append)
    assert as_user(who).get(path.format(case.key)).status_code == 200
    for write in noted:
        write(world.ctx(who, "staff" if who == "ana" else "contact"))
    left = world.rows(
        Notification,
        Notification.case_id == case.id,
        Notification.read_at.is_(None),
        Notification.user_id == world.person(who).id,
    )
    assert noted and not left


def test_more_than_99_are_not_counted():
    assert count_text(99) == 99 and count_text(100) == "99+"


def test_the_bell_costs_the_same_however_long_it_is(world, as_user, rung, run_outbox, statements):
    rita = as_user("rita")
    rita.get("/notifications")
    with statements() as few:
        rita.get("/notifications")
    for _ in range(3):
        world.answer(world.open_case("rita"))
    run_outbox()
    with statements() as many:
        rita.get("/notifications")
    assert len(many) == len(few)
