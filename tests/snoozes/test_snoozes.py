"""Issue 15.4: an agent puts a case aside until a moment. Nobody else notices, and no promise rests."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.cases.actions import desk, links, resolution
from portal.kernel.errors import Conflict, Forbidden
from portal.kernel.events import Event
from portal.kernel.outbox import DueWork
from portal.notifications.models import Notification
from portal.sla.engine.calendar import Calendar
from portal.sla.models import SlaClock
from portal.snoozes import actions, jobs
from portal.snoozes.models import CaseSnooze
from portal.snoozes.rules import offered_moments

WARSAW = ZoneInfo("Europe/Warsaw")


@pytest.fixture
def case(world):
    case = world.open_case("rita")
    desk.assign(world.ctx("ana"), case, owner_id=world.ana.staff_id, department_id=None)
    return world.reload(case)


def snooze(world, case, by="ana", **later):
    ctx = world.ctx(by)
    actions.snooze(ctx, world.reload(case), ctx.now + dt.timedelta(**(later or {"hours": 5})))


def snoozes(world, case):
    return {row.user_id: row for row in world.rows(CaseSnooze, CaseSnooze.case_id == case.id)}


def queue(as_user, view, who="ana"):
    page = as_user(who).get(f"/desk/queue/{view}").page
    return [row.get("id").removeprefix("row-") for row in page.all("tr") if (row.get("id") or "").startswith("row-")]


def bells(world, who):
    rows = world.rows(Notification, Notification.user_id == world.person(who).id)
    return [world.session.get(Event, row.event_id).name for row in rows]


def test_a_snoozed_case_leaves_ones_own_queue_and_nobody_elses(world, as_user, case):
    assert case.key in queue(as_user, "mine") and case.key not in queue(as_user, "snoozed")
    answer = as_user("ana").get(f"/desk/cases/{case.key}/snooze").page
    form = answer.form(f"/desk/cases/{case.key}/snooze")
    assert as_user("ana").post(f"/desk/cases/{case.key}/snooze", data=form.filled()).status_code == 303
    assert case.key not in queue(as_user, "mine") and case.key in queue(as_user, "snoozed")
    assert case.key in queue(as_user, "all") and case.key in queue(as_user, "all", "lee")
    assert case.key not in queue(as_user, "snoozed", "lee")
    shown = as_user("ana").get(f"/desk/cases/{case.key}")
    assert "Back in your queue" in shown.page.text
    assert "Back in your queue" not in as_user("lee").get(f"/desk/cases/{case.key}").page.text
    assert as_user("ana").post(f"/desk/cases/{case.key}/snooze", data={"until": "back"}).status_code == 303
    assert case.key in queue(as_user, "mine") and not world.rows(DueWork, DueWork.kind == actions.DUE)


def test_customers_see_nothing_of_it(world, as_user, case):
    before = as_user("rita").get(f"/cases/{case.key}").page.first("main").text
    snooze(world, case)
    assert as_user("rita").get(f"/cases/{case.key}").page.first("main").text == before
    with pytest.raises(Forbidden):
        snooze(world, case, by="rita")


def test_it_wakes_when_its_time_comes_and_says_so_once(world, as_user, run_outbox, travel, case):
    snooze(world, case, hours=5)
    (row,) = snoozes(world, case).values()
    travel(hours=4)
    jobs.wake(world.system(), row.id)
    assert world.row(CaseSnooze, row).woken_at is None, "not before its time"
    travel(hours=2)
    for _again in range(2):
        jobs.wake(world.system(), row.id)
    assert world.row(CaseSnooze, row).why == "due"
    run_outbox()
    assert bells(world, "ana").count("snooze.ended") == 1
    assert case.key in queue(as_user, "mine")
    assert "Back again" in as_user("ana").get("/desk/queue/mine").page.text


def test_the_customer_wakes_it(world, as_user, case):
    snooze(world, case)
    snooze(world, case, by="lee")
    world.answer(world.reload(case), by="ada")
    assert {row.why for row in snoozes(world, case).values()} == {""}, "colleagues do not"
    world.reply(case)
    assert {row.why for row in snoozes(world, case).values()} == {"replied"}
    assert not world.rows(DueWork, DueWork.kind == actions.DUE)
    assert "Back: the customer wrote" in as_user("ana").get("/desk/queue/mine").page.text


def test_an_assignment_by_somebody_else_wakes_it(world, case):
    snooze(world, case, by="lee")
    snooze(world, case)
    desk.assign(world.ctx("ana"), world.reload(case), owner_id=world.lee.staff_id, department_id=None)
    found = snoozes(world, case)
    assert found[world.lee.id].why == "assigned" and found[world.ana.id].why == ""


@pytest.mark.parametrize("end", ["resolve", "close", "merge"])
def test_the_end_of_a_case_forgets_it(world, case, end):
    snooze(world, case)
    ctx, case = world.ctx("ana"), world.reload(case)
    match end:
        case "resolve":
            resolution.resolve(ctx, case, solution="Done", check="Look")
        case "close":
            resolution.close(ctx, case)
        case _:
            links.merge(ctx, case, world.open_case("rita"))
    assert snoozes(world, case) == {} and not world.rows(DueWork, DueWork.kind == actions.DUE)
    with pytest.raises(Conflict):
        snooze(world, case)


def test_promises_go_on_and_a_late_one_is_said_before_and_after(world, as_user, case):
    before = [(row.kind, row.due_at, row.stopped_at) for row in world.rows(SlaClock, SlaClock.case_id == case.id)]
    page = as_user("ana").get(f"/desk/cases/{case.key}/snooze").page
    assert "A promise falls due before that" in page.text
    late = (world.ctx("ana").now + dt.timedelta(days=200)).isoformat()
    answer = as_user("ana").post(f"/desk/cases/{case.key}/snooze", data={"until": late})
    assert "A promise falls due before that" in as_user("ana").get(answer.location).page.text
    after = [(row.kind, row.due_at, row.stopped_at) for row in world.rows(SlaClock, SlaClock.case_id == case.id)]
    assert before == after


@pytest.mark.parametrize(
    "data",
    [
        {"until": ""},
        {"until": "rubbish"},
        {"until": "2020-01-01T00:00:00+00:00"},
        {"until": "2120-01-01T00:00:00+00:00"},
        {"until": "2027-01-01T00:00:00"},
        {"until": "own"},
        {"until": "own", "at": "32.13.2027"},
        {"until": "own", "at": "2020-01-01T09:00"},
        {"until": "own", "at": "9999-12-31T23:59"},
        {"until": "0001-01-01T00:00:00+14:00"},
    ],
)
def test_bad_moments_get_a_sentence(world, as_user, case, data):
    for path, more in ((f"/desk/cases/{case.key}/snooze", {}), ("/desk/snooze", {"case": case.key})):
        answer = as_user("ana").post(path, data={**data, **more})
        assert answer.status_code == 422 and answer.page.all(**{"data-invalid": True})
    assert snoozes(world, case) == {}


def test_several_are_snoozed_from_a_queue(world, as_user, case):
    other = world.open_case("mel")
    ana = as_user("ana")
    question = ana.post("/desk/bulk?view=mine", data={"action": "snooze", "case": [case.key, other.key]})
    assert question.status_code == 303 and question.location.startswith("/desk/snooze?case=")
    form = ana.get(question.location).page.form("/desk/snooze")
    assert ana.post("/desk/snooze?view=mine", data=form.filled()).location.endswith("/desk/queue/mine")
    assert set(snoozes(world, case)) == set(snoozes(world, other)) == {world.ana.id}
    assert ana.post("/desk/snooze", data={"until": form["until"]}).status_code == 422
    foreign = world.open_case("zoe")
    assert ana.post("/desk/snooze", data={"until": form["until"], "case": foreign.key}).status_code == 303
    assert snoozes(world, foreign) == {}


def test_a_moment_that_is_busy_is_tried_again(world, case):
    snooze(world, case, hours=5)
    (row,) = snoozes(world, case).values()
    jobs.wake(world.system(), row.id)
    (due,) = world.rows(DueWork, DueWork.kind == actions.DUE)
    assert due.due_at == row.until, "woken too early it waits on"


CALENDAR = Calendar("Europe/Warsaw", (*[((9 * 60, 17 * 60),)] * 5, (), ()))


@given(st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2027, 12, 31)), st.sampled_from([CALENDAR, None]))
def test_property_offers_are_to_come_in_order_and_in_hours(at, calendar):
    now = at.replace(tzinfo=dt.UTC)
    found = offered_moments(now, WARSAW, calendar)
    moments = [offer.at for offer in found]
    assert moments == sorted(moments) and len(set(moments)) == len(moments) and all(one > now for one in moments)
    for offer in found:
        there = offer.at.astimezone(WARSAW)
        if offer.key == "monday":
            assert there.weekday() == 0 and there.hour == 9
        if offer.key == "tomorrow":
            assert there.date() == now.astimezone(WARSAW).date() + dt.timedelta(days=1)
        if calendar is not None:
            assert calendar.is_open(offer.at)


def test_what_is_offered_by_hand():
    def offers(local, calendar=CALENDAR):
        now = dt.datetime.fromisoformat(local).replace(tzinfo=WARSAW).astimezone(dt.UTC)
        return [(one.key, f"{one.at.astimezone(WARSAW):%a %H:%M}") for one in offered_moments(now, WARSAW, calendar)]

    assert offers("2026-12-01T10:02") == [("later", "Tue 13:15"), ("tomorrow", "Wed 09:00"), ("monday", "Mon 09:00")]
    assert offers("2026-12-01T15:00") == [("later", "Tue 16:30"), ("tomorrow", "Wed 09:00"), ("monday", "Mon 09:00")]
    assert offers("2026-12-01T18:00") == [("tomorrow", "Wed 09:00"), ("monday", "Mon 09:00")]
    assert offers("2026-12-04T10:00") == [("later", "Fri 13:00"), ("next_day", "Mon 09:00")]
    assert offers("2026-12-05T10:00", None) == [("later", "Sat 13:00"), ("next_day", "Mon 09:00")]


def test_a_case_that_ended_says_why_it_is_not_put_aside(world, as_user, case):
    resolution.close(world.ctx("ana"), world.reload(case), reason="Done by phone.")
    until = (world.ctx("ana").now + dt.timedelta(hours=5)).isoformat()
    answer = as_user("ana").post(f"/desk/cases/{case.key}/snooze", data={"until": until})
    assert answer.status_code == 409 and "nothing to come back to" in answer.page.text


def test_no_parameter_of_the_queue_steers_the_way_back(world, as_user, case):
    """Parameters travel on as they are; none of them is an argument of whatever makes the address."""
    until = (world.ctx("ana").now + dt.timedelta(hours=5)).isoformat()
    sent = {"case": case.key, "until": until}
    query = "view=mine&_method=DELETE&endpoint=static&_scheme=gopher&_external=1&own_plate=wa"
    answer = as_user("ana").post(f"/desk/snooze?{query}&case=ACME-9", data=sent)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/desk/queue/mine?{query.removeprefix('view=mine&')}"


def test_a_promise_that_is_late_is_said_once(world, as_user, case):
    world.reload(case).due_at = world.ctx("ana").now - dt.timedelta(hours=1)
    world.session.flush()
    text = as_user("ana").get(f"/desk/cases/{case.key}/snooze").page.first("main").text
    assert text.count("A promise is late since") == 1
